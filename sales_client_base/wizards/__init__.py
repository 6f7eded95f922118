from . import crm_lead_history_import
from . import crm_lead_history_load
from . import crm_lead_history_ledger
from . import crm_lead_history_names
from . import crm_lead_history_write
