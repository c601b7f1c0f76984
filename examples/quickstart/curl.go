package main

import (
	"fmt"

	"github.com/skugate/skugate/core/googleplay/googleplaytest"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// curlLines buys something for three players and says how to use it.
func curlLines(address string, store *onestoretest.Store, play *googleplaytest.Store) string {
	mina := store.Buy(onestoretest.Subscription(vipProduct), onestoretest.Label("mina"), onestoretest.Acknowledged())
	sora := store.Buy(onestoretest.InApp("vip_forever"), onestoretest.Label("sora"))
	store.Refund(sora)
	yuki := play.Buy(googleplaytest.Subscription(vipProduct), googleplaytest.Label("yuki"), googleplaytest.Acknowledged())
	return "Serving. Mina owns vip, a stranger sends her token, Sora was refunded, Yuki bought at Google Play:\n" +
		curl(address, "mina", mina, "/raids/7") + curl(address, "mallory", mina, "/raids/7") + curl(address, "sora", sora, "/raids/7") +
		curl(address, "yuki", yuki, "/raids/7") + statusLine(address)
}

// statusLine says where the status page is.
func statusLine(address string) string {
	return fmt.Sprintf("The status page: http://ops:ops@%s/ops/skugate\n", address)
}

func curl(address, player, token, path string) string {
	return fmt.Sprintf("  curl -i -H 'X-Player: %s' -H 'X-Purchase-Token: %s' http://%s%s\n", player, token, address, path)
}
