package promstats

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/skugate/skugate/core"
)

type store = core.StoreStats

// storeMetrics are what is counted about each store.
var storeMetrics = []metric[store]{
	{name: "skugate_store_calls_total", help: "Look-ups that the store client ended, by how.", typ: prometheus.CounterValue, label: "result",
		values: func(s *store) []value {
			return []value{
				{"found", float64(s.Found)}, {"not_found", float64(s.NotFound)}, {"refused", float64(s.Refused)},
				{"unavailable", float64(s.Unavailable)}, {"misconfigured", float64(s.Misconfigured)},
			}
		}},
	counter("skugate_store_rejected_total", "Look-ups that were not sent: breaker open, no slot free, or pause.", func(s *store) uint64 { return s.Rejected }),
	counter("skugate_store_joined_total", "Checks that waited for a look-up that another check had started.", func(s *store) uint64 { return s.Joined }),
	gauge("skugate_store_in_flight", "Look-ups under way.", func(s *store) float64 { return float64(s.InFlight) }),
	gauge("skugate_store_clock_skew_seconds", "By how much the store's clock is ahead of ours.", func(s *store) float64 { return s.ClockSkew.Seconds() }),
	counter("skugate_over_budget_total", "Tokens that were not looked up because their accounts presented too many unknown ones.", func(s *store) uint64 { return s.OverBudget }),
	counter("skugate_would_refuse_total", "Grants that only InsecureBindingOff made.", func(s *store) uint64 { return s.WouldRefuse }),

	{name: "skugate_breaker_state", help: "1 for the state in which the circuit breaker is, 0 for the others.", typ: prometheus.GaugeValue, label: "state",
		values: func(s *store) []value {
			var all []value
			for _, state := range []string{"closed", "half-open", "open"} {
				v := value{label: state}
				if s.Breaker == state {
					v.v = 1
				}
				all = append(all, v)
			}
			return all
		}},
	counter("skugate_breaker_opened_total", "How often the circuit breaker opened.", func(s *store) uint64 { return s.BreakerOpened }),
	gauge("skugate_breaker_changed_timestamp_seconds", "When the circuit breaker last changed its state, 0 if never.", func(s *store) float64 { return unix(s.BreakerSince) }),

	{name: "skugate_memory_entries", help: "What memory holds: granting facts, denied ones with absences, keys under an invalidation.", typ: prometheus.GaugeValue, label: "kind",
		values: func(s *store) []value {
			return []value{{"purchases", float64(s.Purchases)}, {"refusals", float64(s.Refusals)}, {"invalidated", float64(s.Invalidated)}}
		}},
	{name: "skugate_memory_evictions_total", help: "Entries that were dropped because memory was full.", typ: prometheus.CounterValue, label: "kind",
		values: func(s *store) []value {
			return []value{{"purchases", float64(s.PurchasesEvicted)}, {"refusals", float64(s.RefusalsEvicted)}}
		}},
	gauge("skugate_voids", "Tokens that have something standing against them.", func(s *store) float64 { return float64(s.Voids) }),
	counter("skugate_voids_applied_total", "Voids that were news.", func(s *store) uint64 { return s.Voided }),

	counter("skugate_work_calls_total", "Calls that workers sent to the store, acknowledgements and whole lists.", func(s *store) uint64 { return s.Worked }),
	counter("skugate_work_call_failures_total", "Calls of workers that failed or were held back.", func(s *store) uint64 { return s.WorkFailed }),
	counter("skugate_acknowledgements_total", "Purchases that were acknowledged to the store.", func(s *store) uint64 { return s.Acknowledged }),
	counter("skugate_acknowledgements_late_total", "Those of them with less than 24 hours left to the deadline.", func(s *store) uint64 { return s.AcknowledgedLate }),

	counter("skugate_store_attempts_total", "Requests that the store client sent, access tokens not among them.", func(s *store) uint64 { return s.Client.Attempts }),
	counter("skugate_store_retries_total", "Those of them that repeated one.", func(s *store) uint64 { return s.Client.Retries }),
	counter("skugate_store_access_tokens_total", "How often an access token was asked for.", func(s *store) uint64 { return s.Client.AccessTokens }),
	counter("skugate_store_paused_total", "Calls that were not sent because the store had asked to be left alone.", func(s *store) uint64 { return s.Client.Paused }),
	gauge("skugate_store_pause_end_timestamp_seconds", "When the pause in force ends, 0 if there is none.", func(s *store) float64 { return unix(s.Client.PausedUntil) }),
}
