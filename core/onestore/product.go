package onestore

import "github.com/skugate/skugate/core"

// DefaultName is the name of a client whose Config.Name is empty, and the store of the products
// that this package's constructors make.
const DefaultName core.StoreID = "onestore"

// InApp is the managed product with the id. It is permanent; For and Consumable say otherwise.
//
// Spec: 003_cae853c17ba7f40e.txt, "getPurchaseDetails".
func InApp(id string) core.Product {
	return core.Product{Store: DefaultName, Kind: core.KindInApp, ID: id}
}

// Recurring is the monthly product ("auto") with the id.
//
// Spec: 003_cae853c17ba7f40e.txt, "getRecurringPurchaseDetails".
func Recurring(id string) core.Product {
	return core.Product{Store: DefaultName, Kind: core.KindRecurring, ID: id}
}

// Subscription is the subscription with the id.
//
// Spec: 003_cae853c17ba7f40e.txt, "getSubscriptionDetail".
func Subscription(id string) core.Product {
	return core.Product{Store: DefaultName, Kind: core.KindSubscription, ID: id}
}
