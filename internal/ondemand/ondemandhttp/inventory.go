package ondemandhttp

import (
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/db"
	"demarc/internal/fault"
	"demarc/internal/httpkit"
	"demarc/internal/ondemand"
)

type service struct {
	ServiceID       string           `json:"serviceId"`
	Status          string           `json:"status"`
	ServiceType     string           `json:"serviceType"`
	Product         product          `json:"product"`
	Characteristics []characteristic `json:"productCharacteristic"`
	BillingAccount  ref              `json:"billingAccount"`
	Location        serviceLocation  `json:"location"`
	Profile         locationProfile  `json:"locationProfile"`
}

type product struct {
	ID              string           `json:"id"`
	Status          string           `json:"status"`
	Characteristics []characteristic `json:"productCharacteristic"`
	Specification   ref              `json:"productSpecification"`
	Offering        ref              `json:"productOffering"`
}

// serviceLocation has the site's id under both spellings that clients read.
type serviceLocation struct {
	siteAddress
	MasterSiteid string `json:"masterSiteid"`
}

type locationProfile struct {
	DataCenter   bool `json:"dataCenter"`
	RelatedParty *ref `json:"relatedParty"`
}

const serviceType = "Internet"

func serviceOf(s ondemand.Service) service {
	list := []characteristic{
		{"Bandwidth", "String", s.Speed.String()},
		{"Customer Service Name", "String", s.Name},
		{"VLAN", "String", strconv.Itoa(s.VLAN)},
		{"IPV4 Block Size", "String", "/" + strconv.Itoa(s.Bits)},
		{"IPV4 Prefix", "String", s.Prefix},
	}
	site, _ := ondemand.SiteByID(s.Site)
	profile := locationProfile{DataCenter: s.Partner != ""}
	if partner, ok := ondemand.PartnerByID(s.Partner); ok {
		profile.RelatedParty = &ref{partner.ID, partner.Name}
	} else {
		list = append(list, characteristic{"UNI Service ID", "String", s.Port})
	}
	return service{
		ServiceID: s.ID, Status: s.Status, ServiceType: serviceType, Characteristics: list,
		Product: product{ID: s.ID, Status: s.Status, Characteristics: list,
			Specification: ref{"5001", "NaaS Internet"}, Offering: ref{"718", "NaaS Internet On-Demand"}},
		BillingAccount: ref{s.Account, s.AccountName},
		Location:       serviceLocation{addressOf(site), s.Site},
		Profile:        profile,
	}
}

func (h *handlers) inventory(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	filter, none, err := inventoryFilter(r)
	if err != nil {
		return err
	}
	answer := struct {
		paged
		Services []service `json:"serviceInventory"`
	}{paged{page.Number, page.Size, 0}, []service{}}
	if !none {
		list, total, err := h.desk.Inventory(r.Context(), p, filter, paging)
		if err != nil {
			return err
		}
		answer.ResultCount = total
		for _, s := range list {
			answer.Services = append(answer.Services, serviceOf(s))
		}
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// inventoryFilter reads what is asked for; none says that nothing can fit it.
func inventoryFilter(r *http.Request) (f ondemand.ServiceFilter, none bool, err error) {
	q := r.URL.Query()
	f.ID = strings.TrimSpace(q.Get("serviceId"))
	if id := strings.TrimSpace(q.Get("id")); id != "" {
		none = f.ID != "" && f.ID != id
		f.ID = id
	}
	if t := q.Get("serviceType"); t != "" {
		none = none || !strings.HasPrefix(strings.ToLower(t), strings.ToLower(serviceType))
	}
	enabled, err := httpkit.Bool(r, "naasEnabled")
	if err != nil {
		return f, none, err
	}
	f.Entitled, err = httpkit.Bool(r, "entitled")
	return f, none || enabled != nil && !*enabled, err
}

type account struct {
	Name          string        `json:"name"`
	ID            string        `json:"id"`
	InvoiceNumber string        `json:"invoiceDisplayNumber"`
	Address       []textAddress `json:"stringAddress"`
	Currency      string        `json:"currency"`
	CountryCode   string        `json:"countryCode"`
	HQCountry     string        `json:"hqCountry"`
}

type textAddress struct {
	Street   string `json:"streetAddress"`
	City     string `json:"city"`
	State    string `json:"stateOrProvince"`
	Country  string `json:"country"`
	Postcode string `json:"postcode"`
}

func (h *handlers) accounts(w http.ResponseWriter, r *http.Request) error {
	p, err := party(r)
	if err != nil {
		return err
	}
	page, paging, err := pageOf(r)
	if err != nil {
		return err
	}
	f, err := accountFilter(r)
	if err != nil {
		return err
	}
	f.Customer = p.Customer
	answer := struct {
		Accounts []account `json:"billingAccount"`
		paged
	}{[]account{}, paged{page.Number, page.Size, 0}}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, total, err := h.desk.Store.Accounts(tx, f, paging)
		answer.ResultCount = total
		for _, a := range list {
			answer.Accounts = append(answer.Accounts, account{a.Name, a.ID, a.ID,
				[]textAddress{{a.Street, a.City, a.State, a.Country, a.Postcode}}, a.Currency, a.CountryCode, a.HQCountry})
		}
		return err
	})
	if err != nil {
		return err
	}
	return httpkit.JSON(w, http.StatusOK, answer)
}

// accountFilter reads the filters of the source, step 5.
func accountFilter(r *http.Request) (f ondemand.AccountFilter, err error) {
	var wrong fault.List
	q := r.URL.Query()
	if f.CountryCode = q.Get("countryCode"); f.CountryCode != "" && f.CountryCode != "100" {
		wrong.Add("OND-ACC-01", "countryCode", "must be 100, the only country supported")
	}
	if f.Currency = strings.ToUpper(q.Get("currencyCode")); f.Currency != "" && f.Currency != "USD" {
		wrong.Add("OND-ACC-02", "currencyCode", "must be USD, the only currency supported")
	}
	if err := wrong.As(fault.Invalid); err != nil {
		return f, err
	}
	f.Entitled, err = httpkit.Bool(r, "entitled")
	return f, err
}
