package voice

import "strconv"

// Notice is a row of the source's table of notifications.
type Notice struct {
	Code int
	Text string
	rule string
}

// The source's notifications that reservations bring about, each under the rule that
// it tells of. A rule is named for its code: VOICE-NTC-901.
var (
	n901   = notice("VOICE-NTC-901", "Order successfully submitted. Please refer to Voice Order ID for reference number.")
	n1302  = notice("VOICE-NTC-1302", "Rate Center is not open for orders, or future rate center is not available. Please select a different rate center.")
	n1303  = notice("VOICE-NTC-1303", "Coverage is not available for this rate center. This order is rejected. Please use the /coverage API to find a rate center. Then place a new order. If you require further assistance log into the servicer portal and create a ticket.")
	n1304  = notice("VOICE-NTC-1304", "The rate center provided cannot be found, check the rate center name and resubmit.")
	n1403  = notice("VOICE-NTC-1403", "Customer number / Master BusOrg can not be found. Only the customer number(s) that has been associated to your credentials is valid for this transaction. Contact your account manager or log a help ticket in API marketplace.")
	n1429  = notice("VOICE-NTC-1429", "Customer number / Master BusOrg can not be found. You must have a valid and active customer number in order to use this API. Contact your account manager or log a help ticket in API marketplace.")
	n1648  = notice("VOICE-NTC-1648", "Account has utilized less than 75% of current telephone number inventory at the given rate center. The order cannot be processed at this time. Please use telephone numbers from your existing inventory. If you need further assistance log into the service portal and create a ticket, or contact your account manager.")
	n1807  = notice("VOICE-NTC-1807", "Order has been put on credit hold. Please contact CreditCheck.Finance@centurylink.com to inquire about your account status.")
	n1921  = notice("VOICE-NTC-1921", "Order is rejected due to expired approval time. Please resubmit your order and respond to approval notification within 4 hours. If you require further assistance log into the servicer portal and create a ticket.")
	n4011  = notice("VOICE-NTC-4011", "Orders are already in progress or in backorder. This could be due to multiple orders submitted. This order cannot be processed at this time. If you require further assistance log into the service portal and create a ticket.")
	n10001 = notice("VOICE-NTC-10001", `Requested amount exceeds the {ORDER_TN_QTY} telephone numbers available. Please select one of the following actions to proceed: "Reject" - do not reserve any telephone numbers at this time. "Accept with backorder" - Reserve the available telephone numbers and place the remaining balance on backorder. "Accept available only" - Only reserve the telephone number quantity available, and do not create a backorder.`)
	n10002 = notice("VOICE-NTC-10002", "Voice order is complete. Please refer to Voice Order ID for reference number.")
	n10004 = notice("VOICE-NTC-10004", "Your back order cannot be fulfilled and has been cancelled. Please contact LEUOrders@Lumen.com for more assistance.")
	n10005 = notice("VOICE-NTC-10005", "Your back order has been cancelled per your request.")
	n10006 = notice("VOICE-NTC-10006", "Reclamation. Back order with same customer reclaim is being done. Please contact LEUOrders@Lumen.com for more assistance.")
	n10008 = notice("VOICE-NTC-10008", "System issue. Back orders cycling due to issue with inventory. Please contact LEUOrders@Lumen.com for more assistance.")
	n10009 = notice("VOICE-NTC-10009", "Backorder has been cancelled. The rate center you selected is invalid or was consolidated into another rate center. Please place the order using a different rate center or log into the portal and create a service ticket.")
	n10010 = notice("VOICE-NTC-10010", "Backorder has been cancelled. The rate center you selected is not available for native telephone number ordering. Please select a different rate center and place the order again.")
	n10012 = notice("VOICE-NTC-10012", "Order exceeds available inventory and cannot be processed at this time. Back orders are not supported in this region. If you require further assistance log into the service portal and create a ticket.")
	n10013 = notice("VOICE-NTC-10013", "We did not receive your confirmation of back orders. Back orders have been cancelled for your voice order. If you wish to place the back order create a new reservation order and confirm back order within 4 hours of placing the order.")
	n10015 = notice("VOICE-NTC-10015", "Order exceeds available inventory and cannot be processed at this time. Backorders are not supported for PBX Restricted Telephone numbers. Please contact LEUOrders@Lumen.com for more assistance.")
	n20107 = notice("VOICE-NTC-20107", "The order information you provided is not for an active backorder.")

	// Ours: the source tells that a sequence could not be had, and has no code for it.
	n19001 = notice("VOICE-NTC-19001", "The telephone numbers are not all in the sequence that you asked for; the order goes on with what fits.")
	// Ours: what a new push URL is sent once, and whenever its owner wants to test it.
	n19000 = notice("VOICE-NTC-19000", "Your push notifications are set up.")
)

// The source's notifications about numbers in service.
var (
	n902   = notice("VOICE-NTC-902", "Order successfully installed. Please refer to Voice Order ID for reference number.")
	n903   = notice("VOICE-NTC-903", "LNP (porting) order FOC (Firm Order Commitment) is scheduled. Please see FOC data provided.")
	n904   = notice("VOICE-NTC-904", "Your LNP (porting) order action has been updated.")
	n906   = notice("VOICE-NTC-906", "Disconnect order is complete. Please refer to Voice Order ID for reference number.")
	n1616  = notice("VOICE-NTC-1616", "No active service found for the telephone number(s) entered. Please verify the telephone number(s) or customer number and try again.")
	n20020 = notice("VOICE-NTC-20020", "For a residential customer, the directory listing first name and last name is required.")
	n20063 = notice("VOICE-NTC-20063", "Invalid Customer Service name.")
	n20066 = notice("VOICE-NTC-20066", "Unable to complete LNP (porting) cancel. Cancellations are allowed up to one business day before FOC (Firm Order Commitment) date. Once LNP order completes you may issue a change order. If you require further assistance log into the service portal and create a ticket.")
	n20217 = notice("VOICE-NTC-20217", "<telephone Number> is not valid telephone number. Please resubmit your request")
)

// byCode finds a notification by its code.
var byCode = map[int]*Notice{}

// notice is a row of the source's table of notifications.
func notice(rule, text string) *Notice {
	code, err := strconv.Atoi(codeIn(rule))
	if err != nil {
		panic("voice: " + rule + " names no code")
	}
	n := &Notice{Code: code, Text: text, rule: rule}
	byCode[code] = n
	return n
}
