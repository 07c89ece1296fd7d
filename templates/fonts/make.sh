#!/bin/sh
# Makes the fonts beside this script from their published TTF files. The fonts are committed: nothing else runs this.
# Needs npm, tar and pyftsubset (Debian: fonttools). Pinned versions and a fixed timestamp give the same bytes again.
#
#   templates/fonts/make.sh
#
# characters.txt: GB/T 2312, the 8,105 characters of 通用规范汉字表, and Latin, one code point a line (from Unicode's
# Unihan data, kGB0 and kTGH). The Chinese fonts have Vietnamese letters as well, which are kept. The Latin ones stand in
# for what the Chinese ones lack: Latin Extended, Greek and Cyrillic in full.
#
# Kept: kerning, marks, ligatures, local forms; pwid, the narrow quotes that a Latin word needs in a Chinese font; chws
# and halt, which set Chinese punctuation close. Dropped: hints (we draw outlines at any place), vertical metrics, glyph
# names.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

export SOURCE_DATE_EPOCH=1700000000
latin='U+0020-007E,U+00A0-024F,U+0259,U+02B9-02DD,U+0300-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF,U+2000-206F,U+20A0-20BF,U+2116,U+2122,U+2190-2193,U+2212,U+2215,U+2264,U+2265,U+FFFD'

vietnamese='U+0102,U+0103,U+0110,U+0111,U+0128,U+0129,U+0168,U+0169,U+01A0,U+01A1,U+01AF,U+01B0,U+1EA0-1EF9'

# subset PACKAGE VERSION FILE OUT UNICODES [UNICODES-FILE]
subset() {
	[ -d "$1" ] || {
		npm pack --silent "@expo-google-fonts/$1@$2" >/dev/null
		mkdir "$1"
		tar xzf "expo-google-fonts-$1-$2.tgz" -C "$1" --strip-components=1
	}
	pyftsubset "$1/$3" --output-file="$here/$4.ttf" --unicodes="$5" ${6:+"$6"} \
		--layout-features='kern,mark,mkmk,liga,locl,ccmp,pwid,chws,halt' --layout-scripts='*' \
		--no-hinting --no-glyph-names --no-legacy-kern --notdef-outline --no-recalc-timestamp \
		--name-IDs='0,1,2,3,4,5,6,13,14' --name-languages='0x409' \
		--drop-tables+=vhea,vmtx,VORG,BASE,STAT,DSIG,gasp,prep
	cp "$1/LICENSE_FONT" "$here/OFL-$1.txt"
	chmod 644 "$here/$4.ttf" "$here/OFL-$1.txt"
}

subset noto-sans-sc 0.4.3 400Regular/NotoSansSC_400Regular.ttf NotoSansSC-Regular "$vietnamese" --unicodes-file="$here/characters.txt"
subset noto-serif-sc 0.4.3 600SemiBold/NotoSerifSC_600SemiBold.ttf NotoSerifSC-SemiBold "$vietnamese" --unicodes-file="$here/characters.txt"
subset noto-sans 0.4.2 400Regular/NotoSans_400Regular.ttf NotoSans-Regular "$latin"
subset noto-serif 0.4.2 400Regular/NotoSerif_400Regular.ttf NotoSerif-Regular "$latin"
subset noto-serif 0.4.2 600SemiBold/NotoSerif_600SemiBold.ttf NotoSerif-SemiBold "$latin"

ls -l "$here"/*.ttf
