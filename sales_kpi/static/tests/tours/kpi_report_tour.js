import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sales_kpi_head_report", {
    steps: () => [
        {
            content: "the pivot shows each salesperson's figures with their unit",
            trigger: ".o_pivot tr:has(th:contains('Anna Ivanova')) td:contains('%')",
        },
        {
            content: "click Anna's first figure: her inquiries of the first month shown",
            trigger:
                ".o_pivot tr:has(th:contains('Anna Ivanova')):first td.o_pivot_cell_value:first",
            run: "click",
        },
        {
            content: "the deals behind it are opened",
            trigger: ".o_breadcrumb .active:contains('New Inquiries')",
        },
        {
            content: "open the first of them",
            trigger: ".o_data_row:first td[name=display_name]",
            run: "click",
        },
        {
            content: "it is a deal with its history",
            trigger: ".o_form_view .o_notebook a[name=history]",
        },
        {
            content: "and back to the figures",
            trigger: ".breadcrumb-item:contains('KPI Values') a",
            run: "click",
        },
        {
            content: "ask for the report",
            trigger: "button.o_sales_kpi_report",
            run: "click",
        },
        {
            content: "of the quarter",
            trigger: ".modal .o_radio_item:contains('Quarter') input",
            run: "click",
        },
        {
            content: "in Excel",
            trigger: ".modal button[name=action_export]",
            run: "click",
        },
        {
            trigger: ".modal .btn:contains('Close')",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});
