package main

// ofStatus is the status page.
func ofStatus() []sabotage {
	return in("core/status", "./core/status",
		[4]string{"another site asks through an operator", "question.go", "if crossOrigin.Check(r) != nil {", "if false {"},
		[4]string{"a form may be of any size", "question.go", "http.MaxBytesReader(w, r.Body, maxForm)", "http.MaxBytesReader(w, r.Body, 1<<30)"},
		[4]string{"the address is taken for the form", "question.go", `strconv.Atoi(r.PostForm.Get("requirement"))`, `strconv.Atoi(r.Form.Get("requirement"))`},
		[4]string{"the store is asked unasked", "question.go", `r.PostForm.Get("ask") == "store"`, "true"},
		[4]string{"views take room without end", "history.go", "now.Sub(h.samples[n-1].at) < h.step/2", "false"},
		[4]string{"the past is shown for ever", "history.go", "now.Sub(h.samples[1].at) >= h.reach", "false"},
		[4]string{"the style is not the one that the policy knows", "secure.go", "digest(style)", `digest(style + "\n")`},
		[4]string{"an answer may be kept", "secure.go", `"Cache-Control", "no-store"`, `"Cache-Control", "private"`},
		[4]string{"an answer asks again by itself", "page.go", "|| r.Method == http.MethodPost {", "{"},
		[4]string{"what a breaker did between two samples is guessed", "store.go", "if len(changes) == maxChanges && changes[0].At.After(begin) {", "if false {"},
		[4]string{"half of the calls are all", "store.go", "sum*100 >= calls*percent", "sum*100 >= percent"},
		[4]string{"shadow mode lets nobody in", "summary.go", "case !granted && w.mode == core.Shadow().String():", "case false:"},
		[4]string{"what happened before counts", "summary.go", "if n -= first.ways[w]; n == 0 {", "if n == 0 {"},
	)
}
