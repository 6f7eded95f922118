from . import test_kpi_report_download
from . import test_targets
from . import test_workbook
from . import test_measures
from . import test_refresh
from . import test_access
from . import test_companies
from . import test_drill_down
