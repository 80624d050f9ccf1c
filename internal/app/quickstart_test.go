package app

import (
	"net/http"
	"testing"
)

// The names that the first start writes are names of the sandbox that it makes.
func TestTheQuickstartNamesWhatIsThere(t *testing.T) {
	p := newPartner(t)
	status, a := p.call("GET", "/Voice/v1/Numbers/inventory/details?productID=2036&customerServiceName="+p.env["DEMARC_CUSTOMER_SERVICE_NAME"], "", false)
	if p.env["DEMARC_CUSTOMER_SERVICE_NAME"] != "MAIN-ROUTE" || status != http.StatusOK || a["totalCount"] != 20.0 {
		t.Errorf("%q: %d %v", p.env["DEMARC_CUSTOMER_SERVICE_NAME"], status, a)
	}
	status, a = p.call("GET", "/marketplace/v1/providers/"+p.env["DEMARC_PROVIDER_ID"], "", false)
	if status != http.StatusOK || a["id"] != p.env["DEMARC_PROVIDER_ID"] {
		t.Errorf("%q: %d %v", p.env["DEMARC_PROVIDER_ID"], status, a)
	}
	status, a = p.call("GET", "/Product/v1/pxOrders?salesCode="+p.env["DEMARC_SALES_CODE"]+"&partnerId="+p.env["DEMARC_PARTNER_ID"], "", false)
	if status != http.StatusOK {
		t.Errorf("%q: %d %v", p.env["DEMARC_PARTNER_ID"], status, a)
	}
}
