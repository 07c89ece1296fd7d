package main

import (
	"fmt"
	"time"

	"laurel/credential"
	"laurel/templates"
)

// names are of several scripts, directions and lengths.
var names = [...]string{
	"张伟", "欧阳思远", "李䶮", "阿卜杜热合曼·买买提", "Nguyễn Thị Ánh Tuyết", "Jürgen Müßig", "Zoë Example", "Sample Learner",
	"Σωκράτης Δοκιμή", "Екатерина Примерова", "Maximiliane-Charlotte von Beispielhausen-Musterfeld", "山田太郎", "Bo Li",
}

// achievements are what is earned, by type.
var achievements = map[string][]string{
	"course":      {"安全生产基础", "Working at Height", "有限空间作业安全", "Data Protection Essentials"},
	"exam":        {"安全生产知识考试", "Fire Safety", "危险化学品管理"},
	"achievement": {"年度安全生产标兵", "Safety Instructor of the Year"},
}

// begin is when the first certificate was issued; each was a second after the one before it.
var begin = time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)

func issuedAt(i int) time.Time { return begin.Add(time.Duration(i) * time.Second) }

// facts are those of the i-th certificate: six courses, three exams and one award in ten.
func facts(set *templates.Set, i int, number credential.Number) credential.Facts {
	kind := [...]string{"course", "exam", "course", "course", "exam", "course", "achievement", "course", "exam", "course"}[i%10]
	t, _ := set.Certificate(kind)
	what := achievements[kind]
	f := credential.Facts{
		Number: number, Template: t.ID, Type: t.Type, TitleZh: t.Title.Zh, TitleEn: t.Title.En,
		Description: t.Description.Zh + " / " + t.Description.En, Criteria: t.Narrative(),
		RecipientName: names[i%len(names)], AchievementID: fmt.Sprintf("%c-%d", kind[0]-'a'+'A', 301+i%len(what)), AchievementName: what[i%len(what)],
		ValidFrom: issuedAt(i), StatusList: i / credential.StatusListSize, StatusIndex: uint32(i % credential.StatusListSize),
	}
	switch kind {
	case "course":
		f.Rate, f.RequiredRate = fmt.Sprint(80+i%21), t.PassRate
	case "exam":
		f.Score, f.MaxScore, f.RequiredScore = fmt.Sprintf("%d.5", 60+i%40), "100", t.PassScore
		f.ValidUntil = f.ValidFrom.AddDate(2, 0, 0)
	}
	return f
}
