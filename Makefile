# What each target installs, it says first; `make run` needs Go and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

BASE_URL ?= http://localhost:8081
FUZZTIME ?= 60s

.PHONY: scale million drill mirror build run test test-go test-interop lint bench load fuzz soak documents bundle shots screenshots need

build:  ## both programs into bin/
	go build -o bin/ ./cmd/certd ./cmd/certgen

run: build  ## a whole issuing site on this machine, with sixty sample certificates
	@BASE_URL='$(BASE_URL)' scripts/run

test: need test-go test-interop  ## everything, foreign judges and the browser included

test-go:
	go test ./...
	cd tools && go test ./...

test-interop:
	cd interop && go test -timeout 20m ./...

# Node, Chromium and the pinned npm packages: the judges, and what the browser script is made of.
need:
	@scripts/need
	@echo "npm ci: the foreign verifiers (interop/) and the parts of the browser script (tools/bundle/)"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix interop
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix tools/bundle

lint:  ## a finding fails; an unreachable vulnerability database is said and passes
	@scripts/lint

bench:  ## one table: generation, one more certificate, issuing, a visit, sizes, each beside something of the same run
	go run ./bench/summary

load:  ## the daemon over HTTP, beside the raw fsync rate of the same disk; pictures and documents, the log, a change of status
	go run ./bench
	@echo "a picture and a document from their values to the file, beside the same picture by gg alone; one core"
	go test -run '^$$' -bench 'PNG|Photographic|PDF|Code|Plain' -cpu 1 ./internal/picture
	@echo "all of a certificate: document read, page, picture and PDF; one core"
	go test -run '^$$' -bench 'Certificate' -cpu 1 ./site
	@echo "an entry appended to a log of ten thousand and of a million, and an inclusion proof verified; one core"
	go test -run '^$$' -bench 'Append|Proof' -cpu 1 ./certlog
	@echo "a status change until the signed lists that say so are on the disk, by one caller and by 64 in a closed loop"
	go test -run '^$$' -bench 'Status' ./internal/issuer

fuzz: need  ## every fuzz target for FUZZTIME each, and 10,000 documents before foreign processors
	@scripts/fuzz '$(FUZZTIME)'

soak:  ## fifty crashes under load, two hundred in the middle of changes, two hundred of a build
	LAUREL_SOAK=50 go test -count=1 -timeout 60m -run 'KillNineLoses' ./cmd/certd
	LAUREL_SOAK=200 go test -count=1 -timeout 120m -run 'KillNineInTheMiddle' ./cmd/certd
	LAUREL_SOAK=200 go test -count=1 -timeout 60m -run 'KilledAt' ./site

scale:  ## the generator at 10,000 and 100,000 certificates with all files, one more in a daemon that holds that many, and an edit there; 40 GB of disk
	go run ./bench/scale --certificates 10000,100000
	go run ./bench/scale --certificates 100,10000,100000 --add-one
	go run ./bench/scale --certificates 100000 --edit

million:  ## a million certificates of three files each; 50 GB of disk
	go run ./bench/scale --certificates 1000000 --files none --no-copy

documents: need  ## five hundred documents before qpdf, poppler and mupdf
	LAUREL_DOCUMENTS=500 go test -count=1 -timeout 30m -run OtherPrograms ./internal/picture

mirror:  ## 10,000 certificates to a real S3 server behind a bad line, and 200 kills
	cd interop && LAUREL_MIRROR=10000 go test -count=1 -v -timeout 90m -run 'ObjectStore|AMirrorKilled' .

drill:  ## a stolen key with 10,000 certificates: forged, revoked, signed anew, killed, verified everywhere
	cd interop && LAUREL_DRILL=10000 go test -count=1 -v -timeout 120m -run TheTheftDrill .

bundle:  ## the browser script, from templates/assets/src
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix tools/bundle
	cd tools && go run ./bundle

shots: need  ## screenshots of every page into shots/
	cd interop && LAUREL_SHOTS=$(CURDIR)/shots go test -count=1 -run TestScreenshots ./...

screenshots: need  ## the two pictures of README, made anew; look at them before you commit them
	cd interop && LAUREL_README_PICTURES=$(CURDIR)/screenshots go test -count=1 -run TestPicturesOfTheReadme ./...
