import { download } from "@web/core/network/download";
import { registry } from "@web/core/registry";

/** Fetch a file while the screen waits; what goes wrong is shown as any other error. */
async function downloadFile(env, action) {
    env.services.ui.block();
    try {
        await download({ url: action.params.url, data: {} });
    } finally {
        env.services.ui.unblock();
    }
}

registry.category("actions").add("sales_kpi_download", downloadFile);
