package ondemandhttp

import (
	"fmt"
	"net/http"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"
)

// pagination is the source's page header: an array of one.
type pagination struct {
	PageNumber   int `json:"pageNumber"`
	PageSize     int `json:"pageSize"`
	TotalRecords int `json:"totalRecords"`
}

type provider struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	FabricURL string `json:"datacenterFabricUrl"`
	Type      string `json:"partnerType"`
}

func (h *handlers) providers(w http.ResponseWriter, r *http.Request) error {
	if err := named(r); err != nil {
		return err
	}
	list := []provider{}
	for _, p := range ondemand.Partners() {
		list = append(list, provider(p))
	}
	return httpkit.JSON(w, http.StatusOK, struct {
		Pagination []pagination `json:"pagination"`
		Partners   []provider   `json:"listPartners"`
	}{[]pagination{{1, len(list), len(list)}}, list})
}

// siteAddress is a site as prices show it.
type siteAddress struct {
	MasterSiteID  string `json:"masterSiteId"`
	StreetAddress string `json:"streetAddress"`
	City          string `json:"city"`
	State         string `json:"stateOrProvince"`
	Locality      string `json:"locality"`
	Country       string `json:"country"`
	PostCode      string `json:"postCode"`
	PostCodeExt   string `json:"postCodeExtension"`
}

func addressOf(s ondemand.Site) siteAddress {
	return siteAddress{s.ID, s.StreetAddress, s.City, s.State, s.City, s.Country, s.Zip, s.ZipExt}
}

type siteProfile struct {
	NetworkStatus string         `json:"networkStatus"`
	NaasEnabled   bool           `json:"naasEnabled"`
	Partner       string         `json:"partner"`
	Market        string         `json:"market"`
	Family        *productFamily `json:"productFamily"`
}

type productFamily struct {
	Family string         `json:"productFamily"`
	Access []accessBundle `json:"accessCapabilities"`
}

type accessBundle struct {
	Access []access `json:"accessCapability"`
}

type access struct {
	Speed       string `json:"speed"`
	Display     string `json:"displayValue"`
	CircuitType string `json:"circuitType"`
}

func profileOf(s ondemand.Site) siteProfile {
	list := make([]access, len(s.Access))
	for i, a := range s.Access {
		list[i] = access{fmt.Sprintf("%d mbps", a.Mbps), strings.ToLower(ondemand.CanonicalSpeed(a.Mbps).String()), "Hosted-NNI Internet"}
	}
	return siteProfile{"ON_NET", true, s.Name, s.Market, &productFamily{"Internet On-Demand", []accessBundle{{list}}}}
}

type location struct {
	siteAddress
	siteProfile
}

// locationPage has, beside its list, what the source shows beside it: it describes
// the first site.
type locationPage struct {
	Pagination    []pagination   `json:"pagination"`
	Location      []location     `json:"location"`
	NetworkStatus *string        `json:"networkStatus"`
	NaasEnabled   *bool          `json:"naasEnabled"`
	Partner       *string        `json:"partner"`
	Market        *string        `json:"market"`
	Family        *productFamily `json:"productFamily"`
}

func (h *handlers) locations(w http.ResponseWriter, r *http.Request) error {
	if err := named(r); err != nil {
		return err
	}
	id := strings.TrimSpace(r.URL.Query().Get("partnerId"))
	if id == "" {
		return fault.Invalid.With(fault.Field("OND-LOC-01", "partnerId", "must be the id of a provider"))
	}
	if _, ok := ondemand.PartnerByID(id); !ok {
		return ondemand.PartnerUnknown.With(fault.Field("OND-LOC-01", "partnerId", "is not the id of a provider"))
	}
	p, _, err := pageOf(r)
	if err != nil {
		return err
	}
	sites := ondemand.SitesOf(id)
	page := locationPage{Pagination: []pagination{{p.Number, p.Size, len(sites)}}, Location: []location{}}
	from := int(min(p.Offset(), int64(len(sites))))
	for _, s := range sites[from:min(from+p.Size, len(sites))] {
		page.Location = append(page.Location, location{addressOf(s), profileOf(s)})
	}
	if len(page.Location) > 0 {
		f := &page.Location[0].siteProfile
		page.NetworkStatus, page.NaasEnabled, page.Partner, page.Market, page.Family = &f.NetworkStatus, &f.NaasEnabled, &f.Partner, &f.Market, f.Family
	}
	return httpkit.JSON(w, http.StatusOK, page)
}

type speedPrice struct {
	Speed   string `json:"speed"`
	Price   string `json:"price"`
	Term    string `json:"term"`
	Display string `json:"displayValue"`
}

func (h *handlers) prices(w http.ResponseWriter, r *http.Request) error {
	if err := named(r); err != nil {
		return err
	}
	var wrong fault.List
	q := r.URL.Query()
	id := strings.TrimSpace(q.Get("masterSiteId"))
	if id == "" {
		wrong.Add("OND-PRC-01", "masterSiteId", "must be the masterSiteId of a location")
	}
	if q.Get("productCode") != "718" {
		wrong.Add("OND-PRC-02", "productCode", "must be 718")
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return err
	}
	site, ok := ondemand.SiteByID(id)
	if !ok {
		return ondemand.SiteUnknown.With(fault.Field("OND-PRC-01", "masterSiteId", "is not the masterSiteId of a location"))
	}
	list := []speedPrice{}
	for _, o := range ondemand.Offers(site) {
		speed := o.Speed.String()
		list = append(list, speedPrice{speed, ondemand.USD(o.Hourly), "Hourly Rate", speed})
	}
	return httpkit.JSON(w, http.StatusOK, struct {
		Location []siteAddress `json:"location"`
		Prices   []speedPrice  `json:"pricePerSpeed"`
	}{[]siteAddress{addressOf(site)}, list})
}

type quoteAnswer struct {
	ID      string       `json:"id"`
	Request quoteRequest `json:"priceRequest"`
	Price   []termPrice  `json:"price"`
}

type quoteRequest struct {
	SourceSystem   string `json:"sourceSystem"`
	Description    string `json:"customerPriceRequestDescription"`
	PurchaseOrder  string `json:"customerPurchaseOrderNumber"`
	CustomerNumber string `json:"customerNumber"`
	CurrencyCode   string `json:"currencyCode"`
	MasterSiteID   string `json:"masterSiteId"`
	ProductCode    string `json:"productCode"`
	ProductName    string `json:"productName"`
	Speed          string `json:"speed"`
	PartnerID      string `json:"partnerId,omitempty"`
	ServiceID      string `json:"serviceId,omitempty"`
}

type termPrice struct {
	Speed string `json:"speed"`
	Price string `json:"price"`
	Term  string `json:"term"`
}

func (h *handlers) priceRequest(w http.ResponseWriter, r *http.Request) error {
	var req ondemand.PriceRequest
	if err := h.kit.Decode(r, &req); err != nil {
		return err
	}
	p, err := h.desk.PrepareQuote(r.Context(), httpkit.CustomerNumber(r), acting(httpkit.From(r.Context())), &req)
	if err != nil {
		return err
	}
	return h.kit.Commit(w, r, http.StatusOK, func(tx *db.Tx) (any, error) {
		return answerQuote(h.desk.SaveQuote(tx, p), &req), nil
	})
}

func answerQuote(q ondemand.Quote, req *ondemand.PriceRequest) quoteAnswer {
	speed := q.Speed.String()
	return quoteAnswer{ID: q.ID, Request: quoteRequest{
		SourceSystem: req.SourceSystem, Description: req.Description, PurchaseOrder: string(req.PurchaseOrder),
		CustomerNumber: string(req.CustomerNumber), CurrencyCode: req.CurrencyCode, MasterSiteID: q.Site,
		ProductCode: "718", ProductName: req.ProductName, Speed: req.Speed, PartnerID: q.Partner, ServiceID: string(req.ServiceID),
	}, Price: []termPrice{
		{speed, ondemand.USD(q.Hourly), "Hourly Rate"},
		{speed, ondemand.USD(ondemand.Monthly(q.Hourly)), "Monthly Rate"},
	}}
}
