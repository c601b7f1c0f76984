package main

func ofAdapters() []sabotage {
	list := in("fibermw", "./fibermw",
		[4]string{"a trailer's token counts", "credentials.go", "if chunked(c) {", "if false {"},
		[4]string{"another spelling of the header hides a token", "credentials.go", "len(key) == len(name) && strings.EqualFold(utils.UnsafeString(key), name)", "utils.UnsafeString(key) == name"},
		[4]string{"a handler's own error is a 200", "middleware.go", "status = http.StatusInternalServerError // what", "_ = http.StatusInternalServerError // what"},
		[4]string{"a handler that panics is not reported", "middleware.go", "\tdefer func() { report(status) }()\n\terr := c.Next()\n", "\terr := c.Next()\n\tdefer func() { report(status) }()\n"},
		[4]string{"a refused request reaches the handler", "middleware.go", "return o.fail(c, admission.Decision(), admission.Reply())", "return c.Next()"},
		[4]string{"the decision is not in the context", "middleware.go", "\t\tc.SetUserContext(ctx)\n", ""},
		[4]string{"the outer gate's decision is lost", "middleware.go", "\t\tc.SetUserContext(parent)\n", ""},
		[4]string{"headers of the reply are not written", "middleware.go", "\t\tc.Set(f.Name, f.Value)\n", "\t\t_ = f\n"},
	)
	list = append(list, in("nethttpmw", "./nethttpmw",
		[4]string{"a refused request reaches the handler", "middleware.go", "\t\t\t\treturn\n\t\t\t}\n\t\t\tr = o", "\t\t\t}\n\t\t\tr = o"},
		[4]string{"the decision is not in the context", "middleware.go", "\t\t\tr = o.attach(r, admission)\n", "\t\t\t_ = o.attach(r, admission)\n"},
		[4]string{"headers of the reply are not written", "middleware.go", "\treply.SetHeader(w.Header())\n", ""},
		[4]string{"an interim answer is the final one", "observe.go", "status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols)", "status == 0"},
		[4]string{"a handler that panics ended well", "observe.go", "case !returned:\n\t\t\tstatus = 0", "case !returned:\n\t\t\tstatus = 200"},
		[4]string{"only the first header counts", "credentials.go", "core.ParseToken(r.Header[name])", "core.ParseToken(r.Header[name][:min(1, len(r.Header[name]))])"},
		[4]string{"any spelling of the name but one", "credentials.go", "\tname = textproto.CanonicalMIMEHeaderKey(name)\n\treturn func(r *http.Request) (core.Credentials, error) {\n\t\ttoken, err", "\t_ = textproto.CanonicalMIMEHeaderKey\n\treturn func(r *http.Request) (core.Credentials, error) {\n\t\ttoken, err"},
	)...)
	list = append(list, in("core", "./fibermw ./core",
		[4]string{"fiber's tokens of a list are kept", "clone.go", "= keep(t.Value), StoreID", "= t.Value, StoreID"},
		[4]string{"a list of tokens is shared", "clone.go", "slices.Clone(c.Tokens)", "slices.Clip(c.Tokens)"},
		[4]string{"fiber's header strings are kept", "clone.go", "Token: keep(c.Token)", "Token: c.Token"},
		[4]string{"fiber's account strings are kept", "clone.go", "Account: keep(c.Account)", "Account: c.Account"},
		[4]string{"nothing of fiber's is copied", "inquiry.go", "if c.borrowed {", "if false {"},
	)...)
	list = append(list, in("core", "./nethttpmw ./core",
		[4]string{"a credentials function that panics ends the request", "route.go", "if v := recover(); v != nil {\n\t\t\tc, err", "if v := any(nil); v != nil {\n\t\t\tc, err"},
		[4]string{"a route that cannot work works", "route.go", "if r.fault != nil {\n\t\tmade :=", "if false {\n\t\tmade :="},
		[4]string{"attach refuses", "route.go", "made.granted() || r.config.Attach ||", "made.granted() ||"},
		[4]string{"a hook's panic ends the request", "route.go", "if v := recover(); v != nil {\n\t\t\t_ =", "if v := any(nil); v != nil {\n\t\t\t_ ="},
	)...)
	return append(list, in("ginmw", "./ginmw",
		[4]string{"a hijacked connection ended with 200", "watched.go", "w.hijacked = w.hijacked || err == nil", "_ = err"},
		[4]string{"only the first header counts", "credentials.go", "core.ParseToken(c.Request.Header[name])", "core.ParseToken(c.Request.Header[name][:min(1, len(c.Request.Header[name]))])"},
		[4]string{"a refused request is not aborted", "middleware.go", "\t\t\tc.Abort()\n", ""},
		[4]string{"gin's own context goes down", "middleware.go", "route.Admit(before.Context(), func()", "route.Admit(c, func()"},
		[4]string{"the decision is not in the context", "middleware.go", "c.Request = o.attach(before, admission)", "_ = o.attach(before, admission)"},
		[4]string{"the request is not restored", "middleware.go", "\t\tc.Request = before\n", ""},
	)...)
}
