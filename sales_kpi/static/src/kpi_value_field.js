import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { formatKpi } from "./kpi_format";

/** A figure with the unit of its indicator: the record needs ``unit`` and ``currency_id``. */
export class KpiValueField extends FloatField {
    get formattedValue() {
        const { currency_id: currency, unit } = this.props.record.data;
        return this.props.readonly
            ? formatKpi(this.value, unit, currency?.id)
            : super.formattedValue;
    }
}

export const kpiValueField = {
    ...floatField,
    component: KpiValueField,
    fieldDependencies: [
        { name: "unit", type: "selection" },
        { name: "currency_id", type: "many2one", relation: "res.currency" },
    ],
};

registry.category("fields").add("kpi_value", kpiValueField);
