import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

function decimals(value, digits) {
    return formatFloat(value, { digits: [16, digits] });
}

/** Write the figure of an indicator as its unit wants it; what has no value is empty. */
export function formatKpi(value, unit, currencyId) {
    if (typeof value !== "number") {
        return "";
    }
    switch (unit) {
        case "count":
            return decimals(value, Number.isInteger(value) ? 0 : 1);
        case "money":
            return currencyId ? formatMonetary(value, { currencyId }) : decimals(value, 0);
        case "percent":
            return `${decimals(value, 1)} %`;
        case "hours":
            return _t("%s h", decimals(value, 1));
        case "days":
            return _t("%s d", decimals(value, 1));
        default:
            return decimals(value, 2);
    }
}
