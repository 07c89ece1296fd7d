package picture

// maxCodes bounds the QR codes that are kept, in modules: some hundreds of codes.
const maxCodes = 1 << 20

// codes keep QR codes of late, because a page and a picture show the same one, and to make it takes longer than
// everything else about a picture.
type codes struct{ *cache[string, [][]bool] }

func (c codes) modules(text string) ([][]bool, error) {
	if m, ok, _ := c.get(text); ok {
		return m, nil
	}
	m, err := modules(text)
	if err != nil {
		return nil, err
	}
	c.put(text, m, len(m)*len(m))
	return m, nil
}

// Code gives the modules of a QR code at level M, true for dark, without its quiet zone of four modules. The code of a
// text whose picture was painted of late is at hand. Do not change it.
func (fs *Fonts) Code(text string) ([][]bool, error) { return fs.codes.modules(text) }
