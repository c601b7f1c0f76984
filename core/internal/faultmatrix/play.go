package faultmatrix

import (
	"os"
	"path/filepath"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// The routes that a purchase at Google Play opens. The ledger tells its products from the sim's by their kind.
var (
	PlaySkin = Route{"/play/skin", onestoretest.Product{Kind: atPlay, ID: "skin"}, true}
	PlayAny  = Route{"/any", onestoretest.Product{Kind: atPlay, ID: "vip_play"}, true}
)

const atPlay onestoretest.Kind = "googleplay"

// startPlay starts the scene's Google Play, and returns the host's flags for it.
func (s *Scene) startPlay() []string {
	s.Play = googleplaytest.Start(s.t, googleplaytest.Config{})
	s.CloseFirst(func() { _ = s.Play.Close() })
	file := filepath.Join(s.t.TempDir(), "key.json")
	if err := os.WriteFile(file, s.Play.ServiceAccountKey(), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return []string{"-play", s.Play.URL(), "-play-package", s.Play.PackageName(), "-play-key", file}
}

// BuyAtPlay makes a purchase at Google Play that account is entitled to, and that its label ties to it.
func (s *Scene) BuyAtPlay(r Route, account string) Key {
	return s.enter(r, account, account, func() string {
		return s.Play.Buy(googleplaytest.InApp(r.Product.ID), googleplaytest.Label(account))
	})
}
