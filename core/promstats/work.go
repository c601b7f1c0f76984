package promstats

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/skugate/skugate/core"
)

type (
	work   = core.WorkStats
	outbox = core.OutboxStats
)

// workMetrics are how each kind of background work goes.
var workMetrics = []metric[work]{
	counter("skugate_work_runs_total", "Runs of background work that ended.", func(w *work) uint64 { return w.Runs }),
	counter("skugate_work_failures_total", "Those of them that failed.", func(w *work) uint64 { return w.Failed }),
	gauge("skugate_work_interval_seconds", "How often the work is done, 0 if nobody promised that.", func(w *work) float64 { return w.Every.Seconds() }),
	gauge("skugate_work_last_duration_seconds", "How long the last run took.", func(w *work) float64 { return w.Took.Seconds() }),
	gauge("skugate_work_last_success_timestamp_seconds", "When a run last ended well, 0 if never.", func(w *work) float64 { return unix(w.Succeeded) }),
}

// outboxMetrics are what was recorded of deliveries, and what was last found there.
var outboxMetrics = []metric[outbox]{
	{name: "skugate_outbox_records_total", help: "Records of purchases that are about to be delivered, and of delivered ones.", typ: prometheus.CounterValue, label: "kind",
		values: func(o *outbox) []value {
			return []value{{"intended", float64(o.Intended)}, {"delivered", float64(o.Delivered)}}
		}},
	counter("skugate_outbox_failures_total", "Records that could not be made.", func(o *outbox) uint64 { return o.Failed }),
	{name: "skugate_outbox_endangered", help: "Purchases that their stores will cancel soon unless something happens, as the last sweep found.", typ: prometheus.GaugeValue, label: "kind",
		values: func(o *outbox) []value {
			return []value{{"undelivered", float64(o.Found.Undelivered)}, {"overdue", float64(o.Found.Overdue)}, {"abandoned", float64(o.Found.Abandoned)}}
		}},
	gauge("skugate_outbox_swept_timestamp_seconds", "When the outbox was last looked over, 0 if never.", func(o *outbox) float64 { return unix(o.Found.At) }),
}
