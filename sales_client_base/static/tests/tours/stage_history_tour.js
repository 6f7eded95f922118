import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sales_client_base_stage_history", {
    steps: () => [
        {
            content: "the card says how many working days the deal stands in its stage",
            trigger:
                ".o_kanban_record:contains('Tour deal'):has([name=stage_time_norm]:contains('work. days'))",
        },
        {
            content: "drag the deal to the next stage",
            trigger: ".o_kanban_record:contains('Tour deal')",
            // onto a card, since the middle of a long column is below the window
            run: "drag_and_drop .o_kanban_group:has(.o_column_title:contains('Qualified')) .o_kanban_record:eq(0)",
        },
        {
            content: "open the deal",
            trigger:
                ".o_kanban_group:has(.o_column_title:contains('Qualified')) .o_kanban_record:contains('Tour deal')",
            run: "click",
        },
        {
            content: "open its history",
            trigger: ".o_notebook a[name=history]",
            run: "click",
        },
        {
            content: "both stays are there, the newest first",
            trigger:
                ".o_field_widget[name=stage_stay_ids] .o_data_row:first-child td[name=stage_name]:contains('Qualified')",
        },
        {
            trigger:
                ".o_field_widget[name=stage_stay_ids] .o_data_row:nth-child(2) td[name=stage_name]:contains('New')",
        },
        {
            content: "and who did it",
            trigger:
                ".o_field_widget[name=stage_stay_ids] .o_data_row:first-child td[name=actor_id]:contains('Anna')",
        },
    ],
});
