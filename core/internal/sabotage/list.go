package main

// all is every sabotage, by package.
func all() []sabotage {
	var list []sabotage
	for _, l := range [][]sabotage{
		ofCache(), ofGate(), ofFacts(), ofShared(), ofTier(), ofRules(), ofEdge(), ofRest(), ofLine(), ofStore(), ofChanges(), ofNotify(), ofWork(), ofPlay(), ofAdapters(), ofFleet(), ofObserving(), ofStatus(),
	} {
		list = append(list, l...)
	}
	return list
}

// in makes a list of one package: each line is a name, a file, the old text and the new.
func in(dir, tests string, lines ...[4]string) []sabotage {
	list := make([]sabotage, len(lines))
	for i, l := range lines {
		list[i] = sabotage{name: l[0], file: dir + "/" + l[1], old: l[2], new: l[3], tests: tests}
	}
	return list
}
