package googleplay_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestTheTableTheDirectivesAndTheDocsAgree reads the source: each row of the table stands once as a
// //googleplay:operation on the function that serves it, whose comment cites the row's section.
func TestTheTableTheDirectivesAndTheDocsAgree(t *testing.T) {
	type entry struct{ name, method, path, section, idempotent string }
	rows := map[string]entry{}
	docs := map[string]string{}
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
			r := entry{fields["name"], fields["method"], fields["path"], fields["section"], fields["idempotent"]}
			rows[r.method+" "+r.path] = r
			return true
		})
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Doc == nil {
				continue
			}
			for _, c := range fn.Doc.List {
				if op, ok := strings.CutPrefix(c.Text, "//googleplay:operation "); ok {
					if docs[op] != "" {
						t.Errorf("%s is served twice", op)
					}
					docs[op] = fn.Doc.Text()
				}
			}
		}
	}
	if len(rows) < 7 {
		t.Fatalf("found %d rows", len(rows))
	}
	for op, r := range rows {
		if doc, ok := docs[op]; !ok {
			t.Errorf("no function has the directive //googleplay:operation %s", op)
		} else if r.section == "" || !strings.Contains(doc, r.section) {
			t.Errorf("the comment of %s does not cite %q", op, r.section)
		}
		if r.method == http.MethodGet && r.idempotent != "true" {
			t.Errorf("%s reads, and is not marked idempotent", op)
		}
	}
	for op := range docs {
		if _, ok := rows[op]; !ok {
			t.Errorf("the directive %q has no row", op)
		}
	}
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
