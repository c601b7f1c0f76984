package googleplay

import "github.com/skugate/skugate/core"

// DefaultName is the name of a client whose Config.Name is empty, and the store of the products
// that this package's constructors make.
const DefaultName core.StoreID = "googleplay"

// InApp is the one-time product with the id. It is permanent; For and Consumable say otherwise.
//
// Spec: 002_14922676bb3a4460.txt, "purchases.products".
func InApp(id string) core.Product {
	return core.Product{Store: DefaultName, Kind: core.KindInApp, ID: id}
}

// Subscription is the subscription with the id, whichever base plan or offer it was bought under.
//
// Spec: androidpublisher v3, "purchases.subscriptionsv2".
func Subscription(id string) core.Product {
	return core.Product{Store: DefaultName, Kind: core.KindSubscription, ID: id}
}
