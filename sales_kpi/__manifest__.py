{
    "name": "Sales KPI",
    "summary": "Indicators, plans and reports of the work before the sale",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Sales Client Base Project",
    "license": "LGPL-3",
    "depends": [
        "sales_client_base",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/sales_kpi_rules.xml",
        "security/sales_kpi_report_rules.xml",
        "data/sales_kpi_data.xml",
        "data/sales_kpi_counter_data.xml",
        "data/ir_cron_data.xml",
        "wizards/sales_kpi_report_views.xml",
        "wizards/sales_kpi_target_copy_views.xml",
        "views/sales_kpi_views.xml",
        "views/crm_lead_period_views.xml",
        "views/sales_kpi_value_views.xml",
        "views/sales_kpi_target_views.xml",
        "views/menus.xml",
    ],
    "demo": [
        "demo/sales_kpi_target_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sales_kpi/static/src/kpi_download.js",
            "sales_kpi/static/src/kpi_format.js",
            "sales_kpi/static/src/kpi_value_field.js",
        ],
        "web.assets_backend_lazy": [
            "sales_kpi/static/src/kpi_pivot.js",
            "sales_kpi/static/src/kpi_pivot.xml",
        ],
        "web.assets_tests": [
            "sales_kpi/static/tests/tours/*.js",
        ],
    },
    "post_init_hook": "post_init_hook",
    "application": True,
}
