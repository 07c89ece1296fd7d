package main

import "fmt"

// request is the i-th issue request: three types, names of several scripts and lengths, a recipient of its own.
func request(i int) []byte {
	names := [...]string{"张伟", "欧阳思远", "Nguyễn Thị Ánh Tuyết", "Jürgen Müßig", "李䶮", "Sample Learner", "阿卜杜热合曼·买买提", "Zoë Example"}
	name := names[i%len(names)]
	switch i % 3 {
	case 0:
		return fmt.Appendf(nil, `{"template":"course","recipient":{"id":"bench-%d","name":"%s"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100}}`, i, name)
	case 1:
		return fmt.Appendf(nil, `{"template":"exam","recipient":{"id":"bench-%d","name":"%s"},"achievement":{"id":"E-501","name":"安全生产知识考试"},"result":{"score":%d.5,"max_score":100}}`, i, name, 60+i%40)
	default:
		return fmt.Appendf(nil, `{"template":"achievement","recipient":{"id":"bench-%d","name":"%s"},"achievement":{"id":"A-701","name":"Safety Instructor of the Year"}}`, i, name)
	}
}
