package record

import (
	"bytes"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"laurel/certlog"
	"laurel/credential"
)

// relations holds what the buckets say of each other. It is asked only where every value is as it was written.
type relations struct {
	*checker
	tx     *bolt.Tx
	tree   certlog.Tree
	spoken map[int64]certlog.Entry // entries of statements that no file of statements has named yet
	erased int                     // certificates that were erased
	last   int64                   // time of the newest entry
	rows   int                     // certificates in the log, erased ones among them
	ofOrgs int                     // of these, how many belong to an organisation
	heads  int                     // checkpoints at sizes that the log has had
	places map[place]*Record       // in the status lists; without documents
	newest map[NaturalKey]int64    // entry of the newest record under each natural key
	known  map[credential.Number]struct{}
}

type place struct {
	list  int
	index uint32
}

// relations goes through the log, which names everything else, and then counts what it does not name.
func (f *checker) relations(tx *bolt.Tx) {
	r := &relations{checker: f, tx: tx, spoken: map[int64]certlog.Entry{}, places: map[place]*Record{}, newest: map[NaturalKey]int64{}, known: map[credential.Number]struct{}{}}
	if !r.log() {
		return
	}
	r.statements()
	r.successions()
	r.bits()
	r.indexes()
	r.natural()
	r.requests()
	r.pending()
	r.lists()
	r.outbox()
}

// log reads the entries in order and whatever belongs to each. What it says further is of use only if it is whole.
func (r *relations) log() (whole bool) {
	r.checkpoint()
	c := r.tx.Bucket(bucketEntries).Cursor()
	for k, sealed := c.First(); k != nil; k, sealed = c.Next() {
		where := fmt.Sprintf("entry %d", r.tree.Size())
		if !bytes.Equal(k, indexKey(r.tree.Size())) {
			r.add(where, "is missing; the next one there is %s", printable(k))
			return false
		}
		e, err := certlog.ParseEntry(unsealed(sealed))
		if err != nil {
			r.add(where, "%v", err)
			return false
		}
		if e.Time < r.last {
			r.add(where, "is older than the one before it")
		}
		r.last = e.Time
		at := r.tree.Append(e)
		r.checkpoint()
		switch e.Kind {
		case certlog.Issue:
			r.certificate(where, k, e)
		case certlog.Key:
		default:
			r.spoken[at] = e
		}
	}
	want, err := treeIn(r.tx)
	if err != nil || !want.Head().Same(r.tree.Head()) {
		r.add("log", "its head is not that of its %d entries", r.tree.Size())
	}
	if n := r.tx.Bucket(bucketHeads).Stats().KeyN; n != r.heads {
		r.add(string(bucketHeads), "has %d rows, of which %d are of sizes that the log has had", n, r.heads)
	}
	return true
}

// checkpoint holds the checkpoint of the size that the log has been read to, if there is one, against the entries.
func (r *relations) checkpoint() {
	sealed := r.tx.Bucket(bucketHeads).Get(indexKey(r.tree.Size()))
	if sealed == nil {
		return
	}
	r.heads++
	c, err := certlog.PeekCheckpoint(unsealed(sealed))
	if err != nil || !c.Same(r.tree.Head()) {
		r.add(fmt.Sprintf("checkpoint %d", r.tree.Size()), "is not that of the first %d entries", r.tree.Size())
	}
}

// unsealed is the value of what was opened before.
func unsealed(sealed []byte) []byte { return sealed[:len(sealed)-sealSize] }

// certificate holds one issue entry against its record, document and indexes.
func (r *relations) certificate(where string, key []byte, e certlog.Entry) {
	rec, err := whole(r.tx, key)
	if err != nil {
		r.add(where, "its record or document is missing: %v", err)
		return
	}
	if r.rows++; rec.Organisation != "" {
		r.ofOrgs++
	}
	where = fmt.Sprintf("record %s", rec.Number)
	if index := int64(binary.BigEndian.Uint64(key)); rec.LogIndex != index {
		r.add(where, "says entry %d and stands at %d", rec.LogIndex, index)
	}
	if at, err := get(r.tx, bucketNumbers, []byte(rec.Number)); err != nil || !bytes.Equal(at, key) {
		r.add(where, "cannot be found by its number")
	}
	at := place{rec.StatusList, rec.StatusIndex}
	if other, taken := r.places[at]; taken {
		r.add(where, "shares its place in the status lists with %s", other.Number)
	}
	r.places[at] = rec
	if rec.Erased != (r.tx.Bucket(bucketErased).Get(key) != nil) {
		r.add(where, "is erased for %s alone, or for all but %s", bucketErased, bucketErased)
	}
	if rec.Erased {
		r.erased++
		r.nothingPersonal(where, rec)
		return
	}
	if sum, err := credential.Digest(rec.Document); err != nil || sum != e.Digest {
		r.add(where, "the log's entry %d has another document", rec.LogIndex)
	}
	r.document(where, rec)
	for _, index := range indexesOf(rec, key) {
		if r.tx.Bucket(index.bucket).Get(index.key) == nil {
			r.add(where, "cannot be found by its %s", index.bucket)
		}
	}
	r.known[rec.Number] = struct{}{}
	r.newest[rec.Natural()] = rec.LogIndex
	rec.Document = nil
}

// nothingPersonal holds what is left of an erased certificate.
func (r *relations) nothingPersonal(where string, rec *Record) {
	if rec.Recipient != (Person{}) || rec.Principal != "" || rec.Achievement != (Item{}) || rec.Result != (Result{}) || rec.Occasion != "" || rec.Organisation != "" || len(rec.Document) > 0 {
		r.add(where, "was erased, and says something of a person still")
	}
	for _, c := range rec.History[:max(0, len(rec.History)-1)] { // of the erasure itself that may stand
		if c.Reason != "" || c.Principal != "" {
			r.add(where, "was erased, and says still who changed its status, or why")
		}
	}
}

// document holds a record against what was signed.
func (r *relations) document(where string, rec *Record) {
	c, err := credential.Decode(rec.Document)
	if err != nil {
		r.add(where, "its document cannot be read: %v", err)
		return
	}
	list, index := c.StatusPlace()
	if c.Number() != rec.Number || c.Recipient() != rec.Recipient.Name || c.TemplateID() != rec.Template || c.AchievementID() != rec.Achievement.ID ||
		list != rec.StatusList || index != rec.StatusIndex {
		r.add(where, "its document is of another certificate")
	}
}

// indexes finds what stands in an index or a bucket of rows without an entry in the log.
func (r *relations) indexes() {
	spoken := 0
	for _, rec := range r.places {
		if len(rec.Statements) > 0 {
			spoken++
		}
	}
	for _, c := range []struct {
		name []byte
		want int
	}{
		{bucketRecords, r.rows}, {bucketNumbers, r.rows}, {bucketErased, r.erased}, {bucketStatement, spoken},
		{bucketDocuments, r.rows - r.erased}, {bucketRecipient, r.rows - r.erased}, {bucketType, r.rows - r.erased}, {bucketTemplate, r.rows - r.erased},
	} {
		if n := r.tx.Bucket(c.name).Stats().KeyN; n != c.want {
			r.add(string(c.name), "has %d rows for %d certificates in the log", n, c.want)
		}
	}
	if n := r.tx.Bucket(bucketOrg).Stats().KeyN; n != r.ofOrgs {
		r.add(string(bucketOrg), "has %d rows for %d certificates of organisations in the log", n, r.ofOrgs)
	}
}

func (r *relations) natural() {
	r.each(bucketNatural, func(k, value []byte) string {
		at, known := r.newest[NaturalKey(k)]
		switch {
		case !known:
			return "stands for no record"
		case !bytes.Equal(value, indexKey(at)):
			return "does not name the newest record that it stands for"
		}
		return ""
	})
	if n := r.tx.Bucket(bucketNatural).Stats().KeyN; n != len(r.newest) {
		r.add(string(bucketNatural), "has %d rows for %d", n, len(r.newest))
	}
}

func (r *relations) requests() {
	times := r.tx.Bucket(bucketRequestAt)
	r.each(bucketRequests, func(k, value []byte) string {
		q, err := parseRequest(RequestKey(k), value)
		if err != nil {
			return err.Error()
		}
		if _, ok := r.known[q.Number]; !ok {
			return fmt.Sprintf("names certificate %s, which is not there", q.Number)
		}
		if times.Get(requestAtKey(q)) == nil {
			return "will never be forgotten: its time is missing"
		}
		return ""
	})
	if n, m := times.Stats().KeyN, r.tx.Bucket(bucketRequests).Stats().KeyN; n != m {
		r.add(string(bucketRequestAt), "has %d rows for %d requests", n, m)
	}
}

func (r *relations) pending() {
	records, documents := r.tx.Bucket(bucketRecords), r.tx.Bucket(bucketSite)
	r.each(bucketPending, func(k, _ []byte) string { return missing(records.Get(k) == nil) })
	r.each(bucketSitePend, func(k, _ []byte) string { return missing(documents.Get(k) == nil) })
}

func missing(is bool) string {
	if is {
		return "is to be published and is not there"
	}
	return ""
}

// lists holds each list's counter against the places given out.
func (r *relations) lists() {
	given := map[int]uint32{}
	for at := range r.places {
		given[at.list]++
	}
	r.each(bucketLists, func(k, value []byte) string {
		l, err := parseList(k, value)
		if err != nil {
			return err.Error()
		}
		n := given[l.N]
		delete(given, l.N)
		if n > l.Next {
			return fmt.Sprintf("counts %d places and has given out %d", l.Next, n)
		}
		return ""
	})
	for n := range given {
		r.add(string(bucketLists), "list %d is missing and has places given out", n)
	}
}

// each adds what check says of a row, if anything.
func (r *relations) each(bucket []byte, check func(k, value []byte) string) {
	_ = r.tx.Bucket(bucket).ForEach(func(k, sealed []byte) error {
		if what := check(k, unsealed(sealed)); what != "" {
			r.add(string(bucket)+" "+printable(k), "%s", what)
		}
		return nil
	})
}
