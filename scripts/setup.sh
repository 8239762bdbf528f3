# Bring the virtual environment up to date with the lock: setup.sh PYTHON FOLDER runtime|dev
set -eu
python=$1 folder=$2 wanted=$3

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed; '$python' is $("$python" --version 2>/dev/null || echo missing)." >&2
    echo "Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
fi

# A checkout that was moved or copied brings an environment that still points to the old place: start over.
version='import sys; print(*sys.version_info[:2])'
fits() {
    [ "$(cat "$folder/.place" 2>/dev/null)" = "$PWD" ] &&
        [ "$("$folder/bin/python" -c "$version" 2>/dev/null)" = "$("$python" -c "$version")" ]
}
if ! fits; then
    echo "Making $folder ..."
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear --without-pip "$folder" # python's own pip will do; Debian's has no other
    else
        "$python" -m venv --clear "$folder"
    fi
    echo "$PWD" >"$folder/.place"
fi

if [ -x "$folder/bin/pip" ]; then
    pip="$folder/bin/python -m pip"
else
    pip="$python -m pip --python $folder/bin/python"
fi
install() {
    $pip install -qq --disable-pip-version-check --no-input --no-compile --no-deps "$@"
}

echo "Installing what the dispatcher needs ..."
install --require-hashes -r requirements.txt
install --no-build-isolation -e .
if [ "$wanted" = dev ]; then
    echo "Installing what its development needs ..."
    install --require-hashes -r requirements-dev.txt
fi
