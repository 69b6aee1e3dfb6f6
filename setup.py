"""The core package. Plugins have a pyproject.toml of their own; tools are configured in the one beside this file."""

from setuptools import find_packages, setup

setup(
    name="plein",
    version="1.0.0",
    description="A self-hosted social intranet in which every function is a plugin",
    license="EUPL-1.2",
    python_requires=">=3.11",
    package_dir={"": "core"},
    packages=find_packages("core"),
    include_package_data=True,
    package_data={
        "plein": [
            "py.typed",
            "templates/**/*",
            "static/**/*",
            "locale/**/*",
            "demo/**/*",
            "content/**/*.md",
            "authoring/skeleton/**/*",
            "authoring/vendor/*",
            "migrations/**/*",
        ]
    },
    install_requires=[
        # pyramid 2.1 imports pkg_resources at run time
        "setuptools<82",
        "pyramid>=2.1,<3",
        "pyramid_chameleon>=0.3",
        "pyramid_tm>=2.6",
        "pyramid_retry>=2.1",
        "sqlalchemy>=2.1,<2.2",
        "zope.sqlalchemy>=4.1",
        "psycopg[binary]>=3.2",
        "alembic>=1.18",
        "pluggy>=1.6",
        "packaging>=24",
        "waitress>=3.0.2",
        "plaster_pastedeploy>=1.0.1",
        "click>=8.2",
        "rich>=14",
        "pydantic>=2.12",
        "markdown-it-py>=4",
        "mdit-py-plugins>=0.5",
        "nh3>=0.3",
        "Pygments>=2.19",
        "argon2-cffi>=25.1",
        # the second factor: secrets at rest, codes of an app and their picture, passkeys
        "cryptography>=49",
        "pyotp>=2.9",
        "segno>=1.6",
        "webauthn>=3",
        # hands work to whoever is free
        "huey>=3.5",
        "snowballstemmer>=3",
        "Pillow>=12",
        # files in S3, and the words in files
        "obstore>=0.12",
        "pypdf>=7",
        "defusedxml>=0.7.1",
        "pyyaml>=6",
        "structlog>=25",
        "babel>=2.16",
        "translationstring>=1.4",
        "plaster>=1.1",
    ],
    extras_require={
        # a broker for work for later in Redis or Valkey
        "redis": ["redis>=5"],
        # what `./dev test` needs on top
        "test": [
            "pytest>=8",
            "pytest-xdist>=3",
            "webtest>=3",
            "hypothesis>=6",
            "redis>=5",
            # a real mail server, with a certificate of its own
            "aiosmtpd>=1.4.6",
            # a server that speaks S3
            "moto[s3]>=5",
            "flask>=3",
            "flask-cors>=5",
            "trustme>=1.2",
            "playwright>=1.50",
            "psutil>=6",
            "coverage>=7",
            "ruff>=0.12",
            "mypy>=1.17",
            "import-linter>=2.4",
            # the catalogues of translations
            "lingua>=4.15",
            "polib>=1.2",
        ],
    },
    entry_points={
        "console_scripts": ["plein = plein.cli:main"],
        "paste.app_factory": ["main = plein.app:main"],
    },
)
