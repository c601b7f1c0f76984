package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
)

// target is a fuzz target and the directory of its package, "core/onestore".
type target struct{ dir, name string }

func (t target) String() string { return t.dir + " " + t.name }

// targets finds the fuzz targets of the module at root. Hidden directories and nested modules are not its.
func targets(root string) (list []target, err error) {
	tree := os.DirFS(root)
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || isModule(tree, name)):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		found, err := inFile(tree, name)
		list = append(list, found...)
		return err
	})
	return list, err
}

func isModule(tree fs.FS, dir string) bool {
	_, err := fs.Stat(tree, path.Join(dir, "go.mod"))
	return err == nil
}

// inFile finds the functions FuzzXxx.
func inFile(tree fs.FS, name string) (list []target, err error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") {
			list = append(list, target{path.Dir(name), f.Name.Name})
		}
	}
	return list, nil
}
