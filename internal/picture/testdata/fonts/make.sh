#!/bin/sh
# Makes the fonts in scripts/ beside this script from their published TTF files: of each, the letters that ../names.txt
# and the pictures of scripts_test.go use, with the tables that set them. The fonts are committed: nothing else runs this.
# Needs npm, tar and pyftsubset (Debian: fonttools). Pinned versions and a fixed timestamp give the same bytes again.
#
#   internal/picture/testdata/fonts/make.sh
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export SOURCE_DATE_EPOCH=1700000000
cat "$here/../names.txt" "$here/../../scripts_test.go" >letters.txt
echo '《》（）、。“”' >>letters.txt # what the layouts put around them

# subset PACKAGE VERSION FOLDER FILE OUT BLOCKS: of the letters above, those of some Unicode blocks, spaces and joiners.
subset() {
	npm pack --silent "@expo-google-fonts/$1@$2" >/dev/null
	mkdir "$1"
	tar xzf "expo-google-fonts-$1-$2.tgz" -C "$1" --strip-components=1
	python3 - "$6" >unicodes.txt <<-'END'
		import sys
		blocks = [tuple(int(v, 16) for v in b.split("-")) for b in sys.argv[1].split(",")]
		used = {ord(c) for c in open("letters.txt", encoding="utf-8").read()}
		if 0xE33 in used:
		    used.add(0xE4D)  # sara am is set as two
		for c in sorted(used | {0x20}):
		    if c == 0x20 or any(a <= c <= b for a, b in blocks):
		        print("U+%04X" % c)
	END
	pyftsubset "$1/$3/$4" --output-file="$here/scripts/$5.ttf" --unicodes-file=unicodes.txt \
		--layout-features='*' --layout-scripts='*' --no-hinting --no-glyph-names --no-legacy-kern --notdef-outline \
		--no-recalc-timestamp --name-IDs='0,1,2,3,4,5,6,13,14' --name-languages='0x409' \
		--drop-tables+=vhea,vmtx,VORG,BASE,STAT,DSIG,gasp,prep
	chmod 644 "$here/scripts/$5.ttf"
}

joiners=200C-200D
subset noto-sans-arabic 0.4.3 400Regular NotoSansArabic_400Regular.ttf NotoSansArabic 0600-06FF,$joiners
subset noto-sans-hebrew 0.4.1 400Regular NotoSansHebrew_400Regular.ttf NotoSansHebrew 0590-05FF
subset noto-sans-devanagari 0.4.1 400Regular NotoSansDevanagari_400Regular.ttf NotoSansDevanagari 0900-097F,$joiners
subset noto-sans-bengali 0.4.4 400Regular NotoSansBengali_400Regular.ttf NotoSansBengali 0964-0965,0980-09FF,$joiners
subset noto-sans-tamil 0.4.3 400Regular NotoSansTamil_400Regular.ttf NotoSansTamil 0B80-0BFF,$joiners
subset noto-sans-thai 0.4.2 400Regular NotoSansThai_400Regular.ttf NotoSansThai 0E00-0E7F
subset noto-sans-kr 0.4.3 400Regular NotoSansKR_400Regular.ttf NotoSansKR 1100-11FF,3130-318F,AC00-D7AF
subset noto-sans-jp 0.4.3 400Regular NotoSansJP_400Regular.ttf NotoSansJP 2018-201D,3000-30FF,4E00-9FFF,F900-FAFF,FF00-FF0F,20000-2FFFF

ls -l "$here"/scripts/*.ttf
