package market

// product is one of the five, as it is presented.
type product struct {
	Name  string // voice
	Title string
	Lead  string
	What  []string // paragraphs
	Tells string   // what is told about without being asked
	First firstCall
}

// firstCall is the call that the samples make.
type firstCall struct {
	What     string // one sentence
	Token    bool   // it takes a token; else the client's id and secret
	Customer bool   // it says for which customer it is
	Method   string
	Path     string
	Headers  []header
	Body     string
}

type header struct{ Name, Value string }

// products are the five, in the order in which they are shown.
var products = []*product{
	{
		Name: "voice", Title: "Telephone numbers (Voice)",
		Lead: "Reserve telephone numbers, put them in service, port others in, change and disconnect them.",
		What: []string{
			"Find a rate center, order numbers into your pool, answer a short supply or wait for a backorder. Put numbers from the pool in service, or port in those that another carrier has; change what they carry; end their service.",
			"An order of up to 399 numbers is worked in seconds. A port is decided by the losing carrier, within days: in a sandbox you answer for it yourself, or move the clock.",
		},
		Tells: "Each order tells its story as notifications: accepted, complete, in service, a commitment date, rejected. They are put to your address as XML or as JSON, and can be read with GET /Voice/v1/notifications.",
		First: firstCall{What: "Lists the rate centers of Colorado where numbers can be ordered.", Token: true, Customer: true, Method: "GET",
			Path: "/Voice/v1/Numbers/rateCenters?pageNumber=1&pageSize=10&productID=2036&state=CO"},
	},
	{
		Name: "ondemand", Title: "On-demand internet",
		Lead: "Quote, order, run, change and end an internet connection, by the hour.",
		What: []string{
			"Pick a data center or a port of the customer's own, see what a speed costs there, get a quote that holds for fifteen minutes, and order. The network allocates the VLAN and the addresses and brings the service up within minutes.",
			"A running service changes its bandwidth with one call, and is charged for the hours at each speed. The month's charge can be read at any time.",
		},
		Tells: "Orders and services tell each step: acknowledged, in progress, completed or failed; active, changing, disconnected.",
		First: firstCall{What: "Lists the speeds and prices at a data center.", Token: true, Customer: true, Method: "GET",
			Path: "/Product/v1/price?masterSiteId=PL0001247634&productCode=718"},
	},
	{
		Name: "preorder", Title: "PreOrder",
		Lead: "Qualify an address, configure a product with the customer's credit, and complete the order.",
		What: []string{
			"For partners that sell for the carrier. An address is found, or its near matches are offered; what the loop there carries decides what can be sold; the configuration is priced and the customer's credit is checked; the order goes to the provider.",
			"A transaction lives for its day. What is known of the customer is sealed, and gone when that day is over.",
		},
		Tells: "Orders tell when they were received, begun, installed or cancelled.",
		First: firstCall{What: "Asks what can be sold at an address.", Token: true, Method: "POST", Path: "/Product/v1/pxQualify", Body: `{
  "partnerOrderId": "FIRST-ADDRESS",
  "salesCode": "SC10001",
  "agentId": "AGENT01",
  "partnerId": "PTNR1001",
  "marketSegment": "Consumer",
  "qualForVideo": false,
  "address": {
    "streetAddress": "1320 HUFFMAN PARK DR",
    "city": "ANCHORAGE",
    "state": "AK",
    "zip": "99515"
  }
}`},
	},
	{
		Name: "care", Title: "Care",
		Lead: "Find out who is calling a contact center, by account or telephone number.",
		What: []string{
			"Two calls, four business units (Puerto Rico, Jamaica, Panama, Chile): one account by its number, or every account with a line or contact. The answer has names, addresses, services and what is owed.",
			"Care takes the client's id and secret as headers of every call, and no token. Nothing that it answers may be cached.",
		},
		First: firstCall{What: "Finds the customers of a line in Puerto Rico.", Method: "GET", Path: "/bot-ux/v1/PR/accounts",
			Headers: []header{{"lob", "FIXED"}, {"refid", "SERVICE_NO"}, {"refvalue", "7879900001"}}},
	},
	{
		Name: "marketplace", Title: "Marketplace",
		Lead: "Sell software of other companies, and buy it: catalogue, subscriptions, usage.",
		What: []string{
			"Buyers look around, subscribe with the product's own form, and see what was used each month. Providers are onboarded, offer products with SKUs, and serve one call: open an account.",
			"When a provider does not answer, the marketplace asks again for a day under the same key, so that no account is opened twice.",
		},
		Tells: "Subscriptions tell when they are active, failed or updated.",
		First: firstCall{What: "Lists what can be subscribed to.", Token: true, Customer: true, Method: "GET", Path: "/marketplace/v1/products"},
	},
}

func productByName(name string) *product {
	for _, p := range products {
		if p.Name == name {
			return p
		}
	}
	return nil
}
