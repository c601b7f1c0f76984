package onestore_test

import (
	"errors"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

// TestTheTableTheDirectivesAndTheDocsAgree reads the source: each row of the table stands once as a
// //onestore:operation on the function that serves it, whose comment cites the row's section.
func TestTheTableTheDirectivesAndTheDocsAgree(t *testing.T) {
	rows, docs := table(t)
	if len(rows) != 13 {
		t.Fatalf("found %d rows, the document has 13 endpoints", len(rows))
	}
	for op, r := range rows {
		if doc, ok := docs[op]; !ok {
			t.Errorf("no function has the directive //onestore:operation %s", op)
		} else if !strings.Contains(doc, `003_cae853c17ba7f40e.txt, "`+r.section+`"`) {
			t.Errorf("the comment of %s does not cite %q", op, r.section)
		}
		reads := r.method == http.MethodGet || r.name == "getAccessToken"
		if (r.idempotent == "true") != reads || (r.result == "true") == reads {
			t.Errorf("%s: idempotent is %q and result %q", op, r.idempotent, r.result)
		}
	}
	for op := range docs {
		if _, ok := rows[op]; !ok {
			t.Errorf("the directive %q has no row", op)
		}
	}
}

// TestEveryRowOfTheTableIsServed makes every call, and compares what goes out, and the name that errors
// have, with the table.
func TestEveryRowOfTheTableIsServed(t *testing.T) {
	rows, _ := table(t)
	u := &upstream{t: t, reply: standardError(403, "AccessBlocked", "x")}
	cfg := config("")
	cfg.HTTPClient, cfg.UnconfirmedInGlobalMarket = &http.Client{Transport: u}, true
	c := client(t, cfg)
	var ops []string
	failed := func(err error) {
		var e *onestore.Error
		if !errors.As(err, &e) || e.Code != "AccessBlocked" {
			t.Fatalf("got %v", err)
		}
		ops = append(ops, e.Op)
	}
	for _, d := range details {
		_, err := d.call(t.Context(), c, "gold", token)
		failed(err)
	}
	for _, ch := range changes {
		failed(ch.call(t.Context(), c, "gold", token))
	}
	for _, l := range lists {
		_, err := l.read(t, c, onestore.Window{})
		failed(err)
	}
	served := map[string]bool{}
	template := strings.NewReplacer("/apps/"+clientID+"/", "/apps/{clientId}/", "/products/gold/"+token, "/products/{productId}/{purchaseToken}")
	for i, r := range u.requests {
		op := r.Method + " " + template.Replace(r.URL.EscapedPath())
		row, ok := rows[op]
		if !ok {
			t.Errorf("%s is asked, and not in the table", op)
		}
		if i > 0 && ops[i-1] != row.name {
			t.Errorf("an error of %s has the name %s", op, ops[i-1])
		}
		served[op] = true
	}
	for op := range rows {
		if !served[op] {
			t.Errorf("no call asks %s", op)
		}
	}
}

// row is an operation as the source has it.
type row struct{ name, method, path, section, idempotent, result string }

// table reads the source: the rows, and the comments of those who serve them, by method and path.
func table(t *testing.T) (rows map[string]row, docs map[string]string) {
	t.Helper()
	rows, docs = map[string]row{}, map[string]string{}
	for _, file := range parseSource(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if id, isID := lit0(lit, ok).(*ast.Ident); !isID || id.Name != "operation" {
				return true
			}
			fields := map[string]string{}
			for _, e := range lit.Elts {
				kv := e.(*ast.KeyValueExpr)
				fields[kv.Key.(*ast.Ident).Name] = literal(t, kv.Value)
			}
			r := row{fields["name"], fields["method"], fields["path"], fields["section"], fields["idempotent"], fields["result"]}
			if r.section == "" {
				r.section = r.name
			}
			rows[r.method+" "+r.path] = r
			return true
		})
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Doc == nil {
				continue
			}
			for _, c := range fn.Doc.List {
				if op, ok := strings.CutPrefix(c.Text, "//onestore:operation "); ok {
					if docs[op] != "" {
						t.Errorf("%s is served twice", op)
					}
					docs[op] = fn.Doc.Text()
				}
			}
		}
	}
	return rows, docs
}

func lit0(lit *ast.CompositeLit, ok bool) ast.Expr {
	if !ok {
		return nil
	}
	return lit.Type
}

func literal(t *testing.T, e ast.Expr) string {
	switch v := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(v.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	case *ast.Ident:
		return v.Name
	case *ast.SelectorExpr:
		return strings.ToUpper(strings.TrimPrefix(v.Sel.Name, "Method"))
	}
	t.Fatalf("a row holds a %T", e)
	return ""
}

func parseSource(t *testing.T) []*ast.File {
	t.Helper()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
