package main

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/reconcile"
)

// notifyPath takes payment notifications; those of subscriptions go to notifyPath/SECRET.
const notifyPath = "/notify"

// receiver takes the notifications of the first client. What no flag enables is 501.
func receiver(gate *core.Gate, worker *reconcile.Worker, o *options, log *slog.Logger) (http.Handler, error) {
	var h *notify.Handler
	if o.licenceKey != "" || o.notifySecret != "" {
		var err error
		h, err = notify.New(notify.Config{
			Gate: gate, Worker: worker,
			App: notify.App{
				ClientID: o.a.clientID, Market: onestore.Market(o.a.market), Environment: onestore.Commercial,
				LicenceKey: o.licenceKey,
			},
			Secret: o.notifySecret,
			Logger: log,
		})
		if err != nil {
			return nil, err
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		enabled, flag, path := o.licenceKey, "-licence-key", "/payments"
		if secret, below := strings.CutPrefix(r.URL.Path, notifyPath+"/"); below {
			enabled, flag, path = o.notifySecret, "-notify-secret", "/subscriptions/"+secret
		}
		if enabled == "" {
			http.Error(w, flag+" is not given: these notifications are not received", http.StatusNotImplemented)
			return
		}
		inner := *r
		inner.URL = &url.URL{Path: path}
		h.ServeHTTP(w, &inner)
	}), nil
}
