"""One module or package per product, with its ``ENDPOINTS``. No product knows another one."""
