package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// Route is one requirement in front of one handler: what an adapter for a web framework is made of.
// Everything an adapter needs is public, so that anybody can write one. A Route is safe for
// concurrent use.
type Route struct {
	gate        *Gate
	requirement Requirement
	config      RouteConfig
	plan        *plan // nil if the gate is not usable
	fault       error // what is wrong with config; the route answers undetermined
}

// RouteConfig is how a route differs from the usual one. The zero value refuses with 403.
type RouteConfig struct {
	// Attach makes a route that never refuses. A token that has to be looked up first holds the
	// request up for 50 ms at most; then it goes on undetermined while the look-up goes on.
	Attach bool
	// DeniedStatus is the status of a denial, 403 or 402. Default: 403.
	DeniedStatus int
	// AllowConsumable says that a consumable product may open the route, until it is consumed.
	AllowConsumable bool
	// Borrowed is for a framework that uses the memory of a request's strings again for the next one. Then
	// what the credentials function returns is copied, unless memory grants the request: a comparison keeps nothing.
	Borrowed bool
	// Fault is what the adapter found wrong with its own options; Gate.Validate reports it, and the
	// route answers undetermined.
	Fault error
}

// NewRoute makes a route and registers it with the gate. It never fails: what is wrong is found by
// Gate.Validate, and a route that cannot work (a nil gate, a faulty requirement, an option that makes
// no sense) answers undetermined and says so in the log, once.
func NewRoute(g *Gate, r Requirement, c RouteConfig) *Route {
	route := &Route{gate: g, requirement: r, config: c}
	if !g.usable() {
		return route
	}
	route.plan = g.plan(r)
	if route.fault = c.Check(); route.fault != nil {
		g.log.Error("skugate: a route cannot work and answers undetermined", slog.Any("error", route.fault))
	}
	route.warnConsumable()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.routes = append(g.routes, route)
	return route
}

// Check says what is wrong with the configuration by itself, or nil.
func (c *RouteConfig) Check() error {
	fault := c.Fault
	switch c.DeniedStatus {
	case 0, http.StatusForbidden, http.StatusPaymentRequired:
	default:
		fault = errors.Join(fault, fmt.Errorf("the denied status is %d; it may be 403 or 402", c.DeniedStatus))
	}
	if fault != nil {
		return fmt.Errorf("core: a route: %w", fault)
	}
	return nil
}

// faults is what Gate.Validate says of the route.
func (r *Route) faults(seen map[Product]Product) error {
	allowed := map[Product]bool{}
	if !isNil(r.requirement) && (r.config.AllowConsumable || r.config.Attach) {
		for _, p := range r.requirement.tree().leaves {
			allowed[p] = true
		}
	}
	return errors.Join(r.fault, r.gate.validateOne("a route", r.requirement, allowed, seen))
}

// Admit decides on a request. credentials reads who asks, and with which tokens, from it; its error
// is ErrTokenMissing, ErrTokenMalformed (both 400), or anything else, which is undetermined. A panic
// in it is contained. What it returns has to outlive the request, unless RouteConfig.Borrowed is set.
func (r *Route) Admit(ctx context.Context, credentials func() (Credentials, error)) Admission {
	if r.plan == nil {
		return Admission{r, &ruling{whole: r.gate.misuse(r.requirement)}, r.config.Attach}
	}
	made := r.decide(ctx, credentials)
	return Admission{r, made, made.granted() || r.config.Attach || r.plan.currentMode().name == modeShadow}
}

func (r *Route) decide(ctx context.Context, credentials func() (Credentials, error)) *ruling {
	if r.fault != nil {
		made := r.plan.undetermined(ReasonMisconfigured, 0, &StoreError{Fault: FaultMisconfigured, Err: r.fault})
		r.gate.countMode(r.plan, made.whole, r.plan.currentMode())
		return made
	}
	c, err := r.read(credentials)
	why := toGate
	if r.config.Attach {
		why = toAttach
	}
	c.borrowed = r.config.Borrowed
	return r.gate.check(ctx, r.plan, &c, err, why)
}

func (r *Route) read(credentials func() (Credentials, error)) (c Credentials, err error) {
	defer func() {
		if v := recover(); v != nil {
			c, err = Credentials{}, r.gate.recovered("the credentials function of a route", v)
		}
	}()
	return credentials()
}

// Admission is the outcome of one request at one route.
type Admission struct {
	route  *Route
	ruling *ruling
	open   bool
}

// Open tells whether the handler may run: the decision grants, or the route or its requirement's
// mode never refuses.
func (a Admission) Open() bool { return a.open }

// Decision returns what was decided.
func (a Admission) Decision() Decision { return a.ruling.decision() }

// Context returns parent with the decision on it, for FromContext and Find.
// It allocates nothing if parent is context.Background() and memory knew the answer.
func (a Admission) Context(parent context.Context) context.Context {
	return a.ruling.on(parent)
}

// Attached is Context for an adapter that has room for it in something of its own, to which it then
// hands out a pointer.
func (a Admission) Attached(parent context.Context) Attached {
	return Attached{parent, a.ruling}
}

// Reply is the answer to a request that was not let in. For a denial from memory it is always the same
// one.
func (a Admission) Reply() Reply {
	return a.ruling.reply(a.route.config.DeniedStatus)
}

// Observed tells whether somebody wants to know the handler's final status: Config.OnHandled, or
// Config.Outbox for a purchase that the handler delivers.
func (a Admission) Observed() bool {
	return a.route.gate.usable() && (a.route.gate.config.OnHandled != nil || a.delivers())
}

// delivers tells whether the handler's success delivers something that is not recorded as delivered.
// What a route merely attaches is not delivered by it.
func (a Admission) delivers() bool {
	return a.ruling.owed().below(DebtDelivered) && !a.route.config.Attach
}

// Handled reports how the handler ended: its status, 101 for a hijacked connection, 0 if it
// panicked. Call it once for an Open admission that is Observed. A status of 2xx or 101 records the
// delivery, as Gate.Delivered does, unless ctx, the request's, has ended: then the next success does. A
// panic in the hook is contained.
func (a Admission) Handled(ctx context.Context, status int) {
	g := a.route.gate
	if !g.usable() {
		return
	}
	if a.delivers() && (status >= 200 && status <= 299 || status == http.StatusSwitchingProtocols) && ctx.Err() == nil {
		_ = g.Delivered(ctx, a.ruling.decision()) // counted and logged
	}
	if g.config.OnHandled == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			_ = g.recovered("Config.OnHandled", v)
		}
	}()
	g.config.OnHandled(ctx, a.ruling.decision(), status)
}

// warnConsumable says that the route opens for a consumable, without having been asked to.
func (r *Route) warnConsumable() {
	if r.config.AllowConsumable || r.config.Attach {
		return
	}
	for i := range r.plan.leaves {
		if p := &r.plan.leaves[i]; p.consumable {
			r.gate.log.Warn("skugate: a route opens for a consumable and does not allow that by option (Gate.Validate makes it an error)",
				slog.String("product", p.String()))
		}
	}
}
