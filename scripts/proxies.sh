# Install Debian's nginx and Caddy for the tests of what stands in the how-to, when they are missing and we
# may. Neither is started: the tests run their own, in folders and on ports of their own.
set -eu
if [ -x /usr/sbin/nginx ] && command -v caddy >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "nginx or Caddy is not here, and installing them needs root and apt-get: their tests will be skipped." >&2
    exit 0
fi
echo "Installing nginx and Caddy ..."
export DEBIAN_FRONTEND=noninteractive
ban=/usr/sbin/policy-rc.d # what Debian asks before it starts a service
if [ ! -e "$ban" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$ban"
    chmod +x "$ban"
    trap 'rm -f "$ban"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends nginx-light caddy </dev/null >/dev/null
