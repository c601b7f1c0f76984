package redeem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/skugate/skugate/core"
)

// Route redeems one product in front of one handler: what an adapter for a web framework is made of. It
// is safe for concurrent use.
type Route struct {
	redeemer *Redeemer
	product  core.Product
	config   core.RouteConfig
	fault    error // the route answers undetermined
}

// NewRoute makes a route and registers it with the redeemer's gate. It never fails: what is wrong is
// reported by Gate.Validate, and a route that cannot work answers undetermined and says so in the log, once.
// Only c's DeniedStatus and Fault count.
func NewRoute(r *Redeemer, p core.Product, c core.RouteConfig) *Route {
	route := &Route{r, p, c, c.Check()}
	if !r.usable() {
		route.fault = errors.Join(errNotMade, route.fault)
		slog.Default().Error("skugate: a route that redeems answers undetermined", slog.Any("error", route.fault))
		return route
	}
	core.NewRoute(r.config.Gate, p, core.RouteConfig{
		AllowConsumable: true, DeniedStatus: c.DeniedStatus, Fault: errors.Join(c.Fault, r.Check(p)),
	})
	return route
}

// Outcome is what an adapter still has to do when a route is through with a request.
type Outcome struct {
	// Reply is to be sent as it is; its Status is 0 if the handler answered.
	Reply core.Reply
	// Refused tells that Reply says why the purchase was not redeemed, and Decision what the server knows
	// of it. Otherwise Reply tells that it was redeemed before.
	Refused  bool
	Decision core.Decision
}

var errStatus = errors.New("redeem: the handler answered with a status that is no success")

// Serve redeems what the request asks for. credentials reads who asks and with which token, as for
// core.Route.Admit. handle runs the handler with ctx and returns its final status, 101 for a hijacked
// connection; 2xx and 101 mean that it delivered.
func (r *Route) Serve(ctx context.Context, credentials func() (core.Credentials, error), handle func(ctx context.Context) (status int)) Outcome {
	if r.fault != nil {
		return r.refuse(undetermined(r.product, core.ReasonMisconfigured, r.fault).Decision)
	}
	c, err := r.read(credentials)
	if err != nil {
		return r.refuse(r.unread(err))
	}
	handled := false
	redemption, err := r.redeemer.Redeem(ctx, r.product, c, func(ctx context.Context, _ Redemption) error {
		handled = true
		if status := handle(ctx); status != http.StatusSwitchingProtocols && status/100 != 2 {
			return errStatus
		}
		return nil
	})
	var refusal *Refusal
	switch {
	case handled:
		return Outcome{}
	case errors.As(err, &refusal):
		return r.refuse(refusal.Decision)
	default:
		return Outcome{Reply: redeemed(redemption)}
	}
}

// read contains a panic of the embedder's function.
func (r *Route) read(credentials func() (core.Credentials, error)) (c core.Credentials, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("redeem: the credentials function of a route panicked with a %T", v)
			r.redeemer.config.Logger.Error("skugate: a panic was contained", slog.Any("error", err), slog.String("stack", string(debug.Stack())))
		}
	}()
	return credentials()
}

// unread is the decision on a request whose credentials cannot be had.
func (r *Route) unread(err error) core.Decision {
	switch {
	case errors.Is(err, core.ErrTokenMissing):
		return denied(r.product, core.ReasonTokenMissing, err).Decision
	case errors.Is(err, core.ErrTokenMalformed):
		return denied(r.product, core.ReasonInvalidToken, err).Decision
	default:
		return undetermined(r.product, core.ReasonLookupFailed, err).Decision
	}
}

func (r *Route) refuse(d core.Decision) Outcome {
	return Outcome{Refused: true, Decision: d, Reply: core.AnswerRedeem(d, r.config.DeniedStatus)}
}

// redeemed tells a client that repeats its request that the purchase was delivered. The handler's own
// answer is not kept.
func redeemed(r Redemption) core.Reply {
	body, err := json.Marshal(struct {
		Redemption string `json:"redemption"`
		Product    string `json:"product"`
		Quantity   int    `json:"quantity"`
	}{r.ID, r.Product.ID, r.Quantity})
	if err != nil { // no value of these types fails
		body = nil
	}
	return core.Reply{Status: http.StatusOK, Body: body, Header: []core.HeaderField{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Cache-Control", Value: "no-store"},
	}}
}
