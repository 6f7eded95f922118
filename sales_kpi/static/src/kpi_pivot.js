import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";
import { formatKpi } from "./kpi_format";

/** Figures with their units; a click on one figure opens the deals behind it. */
export class KpiPivotRenderer extends PivotRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        onWillStart(async () => {
            const kpis = await this.orm.searchRead("sales.kpi", [], ["unit"]);
            this.unitOf = Object.fromEntries(kpis.map((kpi) => [kpi.id, kpi.unit]));
            this.isHead = await user.hasGroup("sales_team.group_sale_manager");
        });
    }

    onReportClicked() {
        return this.actionService.doAction("sales_kpi.sales_kpi_report_action");
    }

    async onRefreshClicked() {
        const action = await this.orm.call("sales.kpi.value", "action_refresh_current", [[]]);
        return this.actionService.doAction(action);
    }

    getFormattedValue(cell) {
        const unit = cell.measure === "value" && this.unitOf[this.kpiId(cell)];
        return unit ? { value: formatKpi(cell.value, unit) } : super.getFormattedValue(cell);
    }

    /** Return the indicator that the row or column of a cell stands for. */
    kpiId({ groupId: [rowValues, colValues] }) {
        const { fullRowGroupBys, fullColGroupBys } = this.model.metaData;
        return (
            rowValues[fullRowGroupBys.indexOf("kpi_id")] ??
            colValues[fullColGroupBys.indexOf("kpi_id")]
        );
    }

    async onOpenView(cell, newWindow) {
        if (cell.value === undefined) {
            return;
        }
        const [rowValues, colValues] = cell.groupId;
        const domain = this.model.getGroupDomain({ rowValues, colValues });
        const ids = await this.orm.search(this.model.metaData.resModel, domain, { limit: 2 });
        if (ids.length !== 1) {
            return super.onOpenView(cell, newWindow);
        }
        const action = await this.orm.call("sales.kpi.value", "action_open_records", ids);
        return this.actionService.doAction(action, { newWindow });
    }
}

registry.category("views").add("sales_kpi_pivot", {
    ...pivotView,
    Renderer: KpiPivotRenderer,
    buttonTemplate: "sales_kpi.PivotView.Buttons",
});
