# One image for web, workers and beat; docker-compose.yml says who does what.
FROM python:3.12-slim
RUN useradd --create-home --uid 10001 plumbline && install -d -o plumbline /home/plumbline/data
WORKDIR /srv/plumbline
COPY requirements/base.txt requirements/lock.txt requirements/
# pip's own settings (a mirror, a CPU build of torch) come as a secret: docker build --secret id=pip,src=pip.conf
RUN --mount=type=secret,id=pip,target=/etc/pip.conf,required=false \
    pip install --no-cache-dir -r requirements/base.txt -c requirements/lock.txt
COPY --chown=root:root . .
USER plumbline
ENV PLUMBLINE_HOME=/home/plumbline/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["gunicorn", "alignment_site.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "8", "--keep-alive", "75", "--access-logfile", "-"]
