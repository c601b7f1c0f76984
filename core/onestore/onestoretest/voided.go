package onestoretest

const voidedList = "voidedPurchaseList"

// listVoided answers getVoidedPurchases: every payment that was taken back, by when that was.
func (s *Store) listVoided(c *call) *answer {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settleAll(now)
	var rows []row
	if c.market() == s.cfg.Market {
		for i, v := range s.voids {
			rows = append(rows, row{v.VoidedAt, uint32(i + 1), voidedFacts(v, s.cfg.Market)})
		}
	}
	return s.list(c, voidedList, now, rows)
}

// Spec: 003_cae853c17ba7f40e.txt, "getVoidedPurchases".
func voidedFacts(v void, market string) object {
	return object{
		{"purchaseId", v.ID},
		{"purchaseTime", v.At.UnixMilli()},
		{"voidedTime", v.VoidedAt.UnixMilli()},
		{"purchaseToken", v.token},
		{"marketCode", market},
	}
}
