package credential

import (
	"crypto/ed25519"
	"testing"
	"time"
)

const (
	testBase   = "https://certs.example.org"
	testDID    = "did:web:certs.example.org"
	testNumber = Number("7F3K-9QXM-2T8W-RB7Q")
)

var (
	testKey     = ed25519.NewKeyFromSeed([]byte("a seed for tests: 32 bytes long!"))
	testPublic  = testKey.Public().(ed25519.PublicKey)
	testMethod  = Method(testDID, testPublic)
	testKeys    = NewKeys(testDID, testPublic)
	testCreated = time.Date(2026, 3, 1, 2, 3, 5, 0, time.UTC)
)

// courseFacts, examFacts and achievementFacts are samples of the three types.
func courseFacts() Facts {
	return Facts{
		BaseURL: testBase, IssuerName: "示例学院 Example Academy", Number: testNumber,
		Template: "course", Type: "course", TitleZh: "结业证书", TitleEn: "Certificate of Completion",
		Description: "完成课程学习。Completed the course.", Criteria: "完成率不低于 **100 %**。\n\n> \"all\" of it\\",
		RecipientName: "张伟", AchievementID: "C-301/春", AchievementName: "安全生产基础",
		Rate: "100", RequiredRate: "100",
		ValidFrom: testCreated, Zone: time.FixedZone("", 8*3600), StatusIndex: 4711,
	}
}

func examFacts() Facts {
	f := courseFacts()
	f.Template, f.Type, f.TitleZh, f.TitleEn = "exam", "exam", "考试合格证书", "Certificate of Achievement in an Exam"
	f.RecipientName, f.AchievementID, f.AchievementName = "𬱖䶮 \"Nguyễn\" \\ Müller 😀", "E-501", "安全生产知识考试"
	f.Rate, f.RequiredRate = "", ""
	f.Score, f.MaxScore, f.RequiredScore = "92.5", "100", "60"
	f.ValidUntil = testCreated.AddDate(2, 0, 0)
	return f
}

func achievementFacts() Facts {
	f := courseFacts()
	f.Template, f.Type, f.TitleZh, f.TitleEn = "achievement", "achievement", "荣誉证书", "Certificate of Merit"
	f.Rate, f.RequiredRate = "", ""
	f.Zone = nil
	return f
}

func sampleFacts() map[string]Facts {
	return map[string]Facts{"course": courseFacts(), "exam": examFacts(), "achievement": achievementFacts()}
}

func signed(t testing.TB, f Facts) []byte {
	t.Helper()
	doc, err := Sign(New(f), testKey, testMethod, testCreated)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
