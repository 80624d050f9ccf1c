package voicehttp

import (
	"bytes"
	"encoding/xml"
	"net/http"

	"demarc/internal/db"
	"demarc/internal/httpkit"
	"demarc/internal/voice"
)

// told is a notification with its moment.
type told struct {
	voice.PartnerNotification
	Date string `json:"notificationDate"`
}

// toldXML is the same as it stands in a document.
type toldXML struct {
	Date string `xml:"date,attr"`
	voice.PartnerNotification
}

// toldPage is a page of notifications as a document.
type toldPage struct {
	XMLName xml.Name  `xml:"PartnerNotifications"`
	Number  int       `xml:"pageNumber,attr"`
	Size    int       `xml:"pageSize,attr"`
	Total   int       `xml:"totalCount,attr"`
	List    []toldXML `xml:"PartnerNotification"`
}

// notifications answers what the customer was told, as JSON or as XML.
func (h *handlers) notifications(w http.ResponseWriter, r *http.Request) error {
	media := acceptable(r, mediaJSON, mediaXML)
	if media == "" {
		return of(notAcceptable)
	}
	return h.asked(w, r, func(w http.ResponseWriter, r *http.Request, p voice.Party) error {
		page, list, err := h.told(r, p)
		if err != nil {
			return err
		}
		w.Header().Set("Vary", "Accept")
		if media == mediaXML {
			return answerXML(w, page, list, p.Name)
		}
		answer := struct {
			paged
			Notifications []told `json:"notifications"`
		}{page, make([]told, len(list))}
		for i, t := range list {
			answer.Notifications[i] = told{t.Notification(p.Name), httpkit.Stamp(t.At)}
		}
		return httpkit.JSON(w, http.StatusOK, answer)
	})
}

// told reads what the customer was told.
//
//   - VOICE-ERR-20049, 20060: an order of the customer's, if one is named.
//   - VOICE-ERR-400001 (ours): moments, and true or false.
func (h *handlers) told(r *http.Request, p voice.Party) (page paged, list []voice.Told, err error) {
	q := queryOf(r)
	f := voice.ToldFilter{Order: q.order("voiceOrderId"), Latest: q.flag("latest"), From: q.moment("from", false), To: q.moment("to", true)}
	asked := q.page(usualPage)
	if f.Latest {
		asked = httpkit.Page{Number: 1, Size: 1}
	}
	if err := q.err(); err != nil {
		return page, nil, err
	}
	page = paged{asked.Number, asked.Size, 0}
	err = h.kit.View(r, func(tx *db.Tx) error {
		list, page.Total, err = h.desk.Notifications(tx, p, voice.ChannelAPI, f, paging(asked))
		return err
	})
	return page, list, err
}

func answerXML(w http.ResponseWriter, page paged, list []voice.Told, customerName string) error {
	doc := toldPage{Number: page.Number, Size: page.Size, Total: page.Total, List: make([]toldXML, len(list))}
	for i, t := range list {
		doc.List[i] = toldXML{httpkit.Stamp(t.At), t.Notification(customerName)}
	}
	var body bytes.Buffer
	body.WriteString(xml.Header)
	if err := xml.NewEncoder(&body).Encode(doc); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaXML)
	return httpkit.Raw(w, http.StatusOK, body.Bytes())
}
