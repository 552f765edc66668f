#!/usr/bin/env node
// Plain old syntax: this file must also run where the rest cannot, to say so.
var version = process.versions.node.split('.').map(Number)
if (version[0] > 22 || (version[0] === 22 && version[1] >= 19)) {
  import('#main').then(function (main) {
    return main.main(process.argv)
  })
} else {
  console.error('playhead needs Node 22.19 or newer; this is ' + process.versions.node + '.')
  console.error('In a clone of the repository, `npx playhead` runs it with the Node that `npm ci` installed.')
  process.exitCode = 2
}
