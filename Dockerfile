# `atari serve` as an image: OpenEnv's API to the Atari 2600 games, on port 8000.
#
#     docker build -t atari-env:latest .
#     docker run --rm -p 8000:8000 -e ATARI_GAME=space_invaders atari-env:latest
#
# The words after the image's name are options of `atari serve`. The server writes no file and asks
# for no rights, so that it runs with a read-only root, without capabilities and without a network.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
# A mirror of the package index, a further index and the hosts to trust, if the build is given them.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
# Dependencies that a server never loads: the window, and the encoder, which alone has the size of
# all the others together. `--build-arg WITHOUT=` keeps them, for every command of `atari`.
ARG WITHOUT="imageio[ffmpeg] pygame"
WORKDIR /src
RUN python -m venv --without-pip /opt/atari
ARG PIP="pip --python /opt/atari/bin/python install --no-cache-dir --no-compile"
# The dependencies change seldom and come first, so that Docker keeps them from build to build.
COPY pyproject.toml constraints.txt ./
RUN python -c "import os, tomllib; \
        needed = tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']; \
        without = os.environ['WITHOUT'].split(); \
        print(*(name for name in needed if name.split('>')[0] not in without), sep='\n')" \
        > requirements.txt \
    && $PIP -c constraints.txt -r requirements.txt
COPY . .
RUN $PIP --no-deps . \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/atari/lib

FROM ${BASE}
COPY --from=build /opt/atari /opt/atari
ENV PATH=/opt/atari/bin:$PATH
# The build ends here if anything is missing. It also compiles what a start takes from the standard
# library, which slim images have as source alone.
RUN atari info pong --json > /dev/null && python -c "import http.client, atari_cli.server"
# OpenBLAS starts a thread for each processor, which nothing here uses and which count as processes.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 OPENBLAS_NUM_THREADS=1
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-I", "-m", "atari_cli.system.container_health"]
# Everyone who reaches the port may play, unless ATARI_TOKEN is given.
ENTRYPOINT ["atari", "serve", "--host", "0.0.0.0", "--allow-unauthenticated"]
