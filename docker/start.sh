#!/bin/bash
# Makes the demo company at the first start, updates it when the addons have changed, then serves it.
set -euo pipefail

DATABASE="${ODOO_DATABASE:-demo}"
ADDONS=sales_client_base,sales_kpi
DATA="${ODOO_DATA:-/var/lib/odoo}"
MARK="$DATA/.sales-$DATABASE"
VERSION="$(find "${ODOO_ADDONS:-/mnt/extra-addons}" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)"

# Odoo and psql both read these
export PGHOST="${HOST:-db}" PGPORT="${PORT:-5432}" PGUSER="${USER:-odoo}" PGPASSWORD="${PASSWORD:?}"

run() {
    odoo -d "$1" --stop-after-init --no-http "${@:2}"
}

exists() {
    [ "$(psql -d postgres -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]
}

if ! exists "$DATABASE"; then
    # made under another name: a start that was cut short begins anew
    BUILDING="${DATABASE}_being_built"
    psql -d postgres -qc "DROP DATABASE IF EXISTS \"$BUILDING\" WITH (FORCE)"
    rm -rf "$DATA/filestore/$BUILDING" "$DATA/filestore/$DATABASE"
    run "$BUILDING" -i crm,sale_management,sale_crm,contacts --with-demo
    odoo i18n loadlang -d "$BUILDING" -l ru
    run "$BUILDING" -i "$ADDONS" --with-demo
    mv "$DATA/filestore/$BUILDING" "$DATA/filestore/$DATABASE"
    psql -d postgres -qc "ALTER DATABASE \"$BUILDING\" RENAME TO \"$DATABASE\""
    echo "$VERSION" >"$MARK"
elif [ "$(cat "$MARK" 2>/dev/null)" != "$VERSION" ]; then
    run "$DATABASE" -u "$ADDONS"
    echo "$VERSION" >"$MARK"
fi

exec odoo -d "$DATABASE" --no-database-list
