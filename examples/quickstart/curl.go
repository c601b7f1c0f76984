package main

import (
	"fmt"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// curlLines buys something for two players and says how to use it.
func curlLines(address string, store *onestoretest.Store) string {
	mina := store.Buy(onestoretest.Subscription(vipProduct), onestoretest.Label("mina"), onestoretest.Acknowledged())
	sora := store.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label("sora"))
	store.Refund(sora)
	return "Serving. Mina owns vip, a stranger sends her token, Sora was refunded:\n" +
		curl(address, "mina", mina, "/raids/7") + curl(address, "mallory", mina, "/raids/7") + curl(address, "sora", sora, "/raids/7")
}

func curl(address, player, token, path string) string {
	return fmt.Sprintf("  curl -i -H 'X-Player: %s' -H 'X-Purchase-Token: %s' http://%s%s\n", player, token, address, path)
}
