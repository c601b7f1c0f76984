package notify

// PaymentMethod is how a part of a payment was made. Methods that are not listed here are passed on as
// they came.
type PaymentMethod string

// The documented methods.
const (
	MethodDCB              PaymentMethod = "DCB"        // the phone bill, charged by the carrier
	MethodPhoneBill        PaymentMethod = "PHONEBILL"  // the phone bill, by a payment gateway
	MethodOnePay           PaymentMethod = "ONEPAY"     // ONE pay
	MethodCreditCard       PaymentMethod = "CREDITCARD" // a credit card
	Method11Pay            PaymentMethod = "11PAY"      // 11Pay
	MethodNaverPay         PaymentMethod = "NAVERPAY"   // Naver Pay
	MethodCultureLand      PaymentMethod = "CULTURELAND"
	MethodOCB              PaymentMethod = "OCB" // OK cashbag
	MethodOneStoreCash     PaymentMethod = "ONESTORECASH"
	MethodCoupon           PaymentMethod = "COUPON"
	MethodPoint            PaymentMethod = "POINT"
	MethodTelcoMembership  PaymentMethod = "TELCOMEMBERSHIP"
	MethodElectronicWallet PaymentMethod = "EWALLET"
	MethodBankAccount      PaymentMethod = "BANKACCT"
	MethodPayPal           PaymentMethod = "PAYPAL"
	MethodMyCard           PaymentMethod = "MYCARD"
)
