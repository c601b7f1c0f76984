package main

func ofAdapters() []sabotage {
	list := in("fibermw", "./fibermw",
		[4]string{"fiber's header strings are kept", "credentials.go", "keep(c.Account), keep(c.Token), slices", "keep(c.Account), c.Token, slices"},
		[4]string{"fiber's account strings are kept", "credentials.go", "keep(c.Account), keep(c.Token), slices", "c.Account, keep(c.Token), slices"},
		[4]string{"a refused request reaches the handler", "middleware.go", "return o.fail(c, admission.Decision(), admission.Reply())", "return c.Next()"},
		[4]string{"the decision is not in the context", "middleware.go", "\t\tc.SetUserContext(ctx)\n", ""},
		[4]string{"the outer gate's decision is lost", "middleware.go", "\t\tc.SetUserContext(parent)\n", ""},
		[4]string{"headers of the reply are not written", "middleware.go", "\t\tc.Set(f.Name, f.Value)\n", "\t\t_ = f\n"},
	)
	return append(list, in("ginmw", "./ginmw",
		[4]string{"a refused request is not aborted", "middleware.go", "\t\t\tc.Abort()\n", ""},
		[4]string{"gin's own context goes down", "middleware.go", "route.Admit(before.Context(), func()", "route.Admit(c, func()"},
		[4]string{"the decision is not in the context", "middleware.go", "\t\tc.Request = before.WithContext(ctx)\n", ""},
		[4]string{"the request is not restored", "middleware.go", "\t\tc.Request = before\n", ""},
	)...)
}
