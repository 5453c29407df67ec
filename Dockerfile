# The gallery in a container: docs/deploy.md tells how to build and run it.
FROM python:3.12-slim

WORKDIR /opt/brushlink
# The pins first: they change less often than the code, and this layer is kept.
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY brushlink ./brushlink
COPY data_sources ./data_sources
COPY segmentation ./segmentation
COPY dashboards ./dashboards
COPY notebooks ./notebooks
RUN pip install --no-cache-dir --constraint constraints.txt .

RUN useradd --create-home brushlink && mkdir /data && chown brushlink /data
USER brushlink
WORKDIR /home/brushlink
ENV BRUSHLINK_STORE=/data/work.sqlite
VOLUME /data
EXPOSE 5006

HEALTHCHECK --interval=60s --timeout=60s --start-period=60s \
    CMD ["brushlink", "check", "http://localhost:5006", "gallery", "gapminder"]
ENTRYPOINT ["brushlink", "serve", "--address", "0.0.0.0", "--port", "5006"]
