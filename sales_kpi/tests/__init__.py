from . import test_kpi_report_download
from . import test_targets
from . import test_workbook
from . import test_measures
from . import test_refresh
