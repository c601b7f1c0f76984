package handin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"

	"github.com/skugate/skugate/core"
)

// Config configures a handler.
type Config struct {
	// Gate verifies and remembers. Required.
	Gate *core.Gate
	// Account reads the game's own player id from a request. Required. Empty answers 401.
	Account func(*http.Request) string
	// Requirements are what GET /entitlements tells of; their products are what may be handed in.
	// At least one. Give them to core.Gate.Validate as well, which looks deeper.
	Requirements []core.Requirement
	// VerifyReceipt checks an SDK receipt of a store, for instance with onestore.VerifyReceipt. Default:
	// none, and a request with a receipt is refused.
	VerifyReceipt func(store core.StoreID, originalJSON, signature string) error
	// RequireReceipt refuses a hand-in without a receipt.
	RequireReceipt bool
	// Logger is told of a panic in Account or VerifyReceipt, by its type and stack, never its value.
	// Default: silent.
	Logger *slog.Logger
}

// Handler serves POST /purchases and GET /entitlements. It is safe for concurrent use.
type Handler struct {
	config   Config
	products []core.Product
	mux      *http.ServeMux
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler, or reports every fault of the configuration.
func New(c Config) (*Handler, error) {
	var faults []error
	fault := func(text string) { faults = append(faults, errors.New("handin: Config."+text)) }
	if c.Gate == nil {
		fault("Gate is nil")
	}
	if c.Account == nil {
		fault("Account is nil: the game's own authentication says who hands in")
	}
	if len(c.Requirements) == 0 {
		fault("Requirements is empty: nothing could be handed in")
	}
	if c.RequireReceipt && c.VerifyReceipt == nil {
		fault("RequireReceipt is set and VerifyReceipt is nil")
	}
	h := &Handler{config: c, mux: http.NewServeMux()}
	for i, r := range c.Requirements {
		products := core.Products(r)
		if len(products) == 0 {
			fault(fmt.Sprintf("Requirements[%d] names no product", i))
		}
		for _, p := range products {
			if c.Gate != nil && !sells(c.Gate, p.Store) {
				fault(fmt.Sprintf("Requirements[%d] names %s, whose store the gate does not have", i, p))
			}
			if h.twin(p) {
				fault(fmt.Sprintf("Requirements[%d] names %s with another term than before: make it once and share it", i, p))
			}
			h.products = append(h.products, p)
		}
	}
	if c.Logger == nil {
		h.config.Logger = slog.New(slog.DiscardHandler)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	h.mux.HandleFunc("/purchases", only(http.MethodPost, h.purchases))
	h.mux.HandleFunc("/entitlements", only(http.MethodGet, h.entitlements))
	return h, nil
}

func sells(gate *core.Gate, store core.StoreID) bool {
	return slices.ContainsFunc(gate.Stats().Stores, func(s core.StoreStats) bool { return s.Store == store })
}

// twin tells whether a product is there that is p at its store and is configured differently: no request
// could tell the two apart.
func (h *Handler) twin(p core.Product) bool {
	return slices.ContainsFunc(h.products, func(q core.Product) bool {
		return q != p && q.Store == p.Store && q.Kind == p.Kind && q.ID == p.ID
	})
}

// ServeHTTP implements http.Handler. A panic of Account or VerifyReceipt answers 503: under fiber it
// would end the process. So does a handler that New did not make.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h == nil || h.mux == nil {
		send(w, core.Answer(core.Decision{Reason: core.ReasonMisconfigured}, 0))
		return
	}
	defer func() {
		if v := recover(); v != nil {
			h.config.Logger.Error("skugate: a panic was contained", slog.String("where", "handin"),
				slog.String("type", fmt.Sprintf("%T", v)), slog.String("stack", string(debug.Stack())))
			send(w, core.Answer(core.Decision{Reason: core.ReasonPanicked}, 0))
		}
	}()
	// What was begun is finished though the client hangs up. Under fiber the request's context is fasthttp's
	// own: whoever watches it races with the server's shutdown.
	h.mux.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
}

func only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			send(w, core.MethodNotAllowed(method))
			return
		}
		next(w, r)
	}
}

// send copies a reply out.
func send(w http.ResponseWriter, reply core.Reply) {
	reply.SetHeader(w.Header())
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the client may be gone; there is nobody to tell
}
