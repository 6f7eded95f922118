"""Both addons speak Russian as well as English, to the last term."""

import io
import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export

ADDONS = ("sales_client_base", "sales_kpi")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@tagged("post_install", "-at_install", "project")
class TestTranslations(TransactionCase):
    def exported(self, addon):
        buffer = io.BytesIO()
        trans_export(False, [addon], buffer, "po", self.env)
        return polib.pofile(buffer.getvalue().decode())

    def russian(self, addon):
        path = file_path(f"{addon}/i18n/ru.po")
        return {entry.msgid: entry for entry in polib.pofile(path) if not entry.obsolete}

    def test_every_term_is_in_russian(self):
        for addon in ADDONS:
            russian = self.russian(addon)
            missing = [
                entry.msgid
                for entry in self.exported(addon)
                if entry.msgid not in russian or not russian[entry.msgid].msgstr.strip()
            ]
            self.assertFalse(missing, f"{addon}: {len(missing)} terms are not translated")

    def test_placeholders_survive_translation(self):
        for addon in ADDONS:
            for entry in self.russian(addon).values():
                self.assertEqual(
                    sorted(PLACEHOLDER.findall(entry.msgid)),
                    sorted(PLACEHOLDER.findall(entry.msgstr)),
                    f"{addon}: {entry.msgid}",
                )
