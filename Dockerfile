FROM odoo:19.0

USER root
# numpy and scipy come as Debian packages: the image's Python is the system's
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-numpy python3-scipy \
    && rm -rf /var/lib/apt/lists/*
COPY docker/start.sh /usr/local/bin/start-sales
RUN chmod 0755 /usr/local/bin/start-sales
COPY sales_client_base /mnt/extra-addons/sales_client_base
COPY sales_kpi /mnt/extra-addons/sales_kpi
USER odoo

HEALTHCHECK --interval=10s --timeout=5s --start-period=15m --retries=6 \
    CMD curl -fsS http://localhost:8069/web/health || exit 1
# the image's own entry point gives the database's address and password to what it starts
CMD ["start-sales"]
